package dev.forebay.run;

/** A buffer of a run could not be read or written, for a reason other than the program's. */
public record TransferFailure(Parameter parameter, String reason) {}
