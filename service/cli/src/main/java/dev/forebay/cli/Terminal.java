package dev.forebay.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Whether somebody looks at what is printed. The JDK tells only of standard input and output
 * together, so the system is asked; where it may not be asked, nobody looks.
 */
final class Terminal {
    private static final int STANDARD_ERROR = 2;

    private Terminal() {}

    static boolean isStandardError() {
        if (!Terminal.class.getModule().isNativeAccessEnabled()) {
            return false;
        }
        Linker linker = Linker.nativeLinker();
        MethodHandle isatty =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("isatty"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            return (int) isatty.invokeExact(STANDARD_ERROR) == 1;
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
    }
}
