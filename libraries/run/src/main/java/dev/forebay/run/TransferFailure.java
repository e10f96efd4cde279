package dev.forebay.run;

/**
 * A buffer of a run could not be read or written, for a reason other than the program's.
 *
 * @param parameter whose buffer it is
 * @param reason for the user
 */
public record TransferFailure(Parameter parameter, String reason) {}
