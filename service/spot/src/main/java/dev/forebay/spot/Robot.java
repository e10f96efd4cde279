package dev.forebay.spot;

/**
 * What a log says of itself.
 *
 * @param serial tells it from every other, also after a restart
 * @param nickname for people
 */
public record Robot(String serial, String nickname) {}
