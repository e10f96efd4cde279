package dev.forebay.streamsimd;

import java.lang.reflect.Method;

/**
 * The module of the Vector API, which is an incubator of the JDK: a program that asks for it with
 * {@code --add-modules} gets a warning on its standard error and starts more slowly.
 *
 * <p>A launcher can do without both: it starts the program with {@code --add-exports
 * java.base/jdk.internal.module=ALL-UNNAMED -XX:+UnlockExperimentalVMOptions
 * -XX:+EnableVectorSupport}. Then the module is loaded here, when it is needed for the first time,
 * as the JDK loads its own management agent into a running program.
 */
final class VectorModule {
    private static final String NAME = "jdk.incubator.vector";
    private static final String LOADER = "jdk.internal.module.Modules";

    private VectorModule() {}

    /** Whether its classes can be used; loads them if need be and allowed. */
    static boolean isPresent() {
        return ModuleLayer.boot().findModule(NAME).isPresent() || isLoaded();
    }

    private static boolean isLoaded() {
        try {
            Class<?> loader = Class.forName(LOADER);
            boolean allowed =
                    loader.getModule()
                            .isExported(loader.getPackageName(), VectorModule.class.getModule());
            if (!allowed) {
                return false;
            }
            Method load = loader.getMethod("loadModule", String.class);
            return load.invoke(null, NAME) != null;
        } catch (ReflectiveOperationException e) {
            // Another JDK, or one without the module: digests come from the JDK then.
            System.getLogger(VectorModule.class.getName())
                    .log(System.Logger.Level.DEBUG, "this Java does not load " + NAME, e);
            return false;
        }
    }
}
