package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MethodTypeEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

/** The launcher starts commands on buffers without the jars that the server alone needs. */
class ShortClassPathTest {
    /** What the launcher has on the short class path, and Java itself. */
    private static final List<String> THERE =
            List.of(
                    "dev/forebay/",
                    "picocli/",
                    "tools/jackson/core/",
                    "java/",
                    "javax/",
                    "jdk/",
                    "com/sun/management/");

    /** Annotations that are read by the compiler alone. */
    private static final List<String> NOT_LOADED =
            List.of("org/jspecify/", "com/google/errorprone/");

    /** Only `serve` executes it, and that has the whole class path. */
    private static final Set<String> ELSEWHERE = Set.of("dev/forebay/cli/ServeCommand");

    /** Its annotation names all commands, which are read only if their words are given. */
    private static final String PROGRAM = "dev/forebay/cli/Forebay";

    private static final Pattern NAMED = Pattern.compile("L((?:\\w+/)+[\\w$]+);");

    @Test
    void whatCommandsOnBuffersReachIsOnTheShortClassPath() throws Exception {
        Deque<String> open = new ArrayDeque<>();
        Stream.of(
                        BufferCommand.class,
                        VersionCommand.class,
                        LoginCommand.class,
                        LogoutCommand.class,
                        CompletionCommand.class,
                        CompleteWordsCommand.class)
                .forEach(command -> addAll(command, open));
        Set<String> seen = new HashSet<>(ELSEWHERE);
        Set<String> absent = new TreeSet<>();
        while (!open.isEmpty()) {
            String name = open.pop();
            if (!seen.add(name) || NOT_LOADED.stream().anyMatch(name::startsWith)) {
                continue;
            }
            if (THERE.stream().noneMatch(name::startsWith)) {
                absent.add(name);
            } else if (name.startsWith("dev/forebay/")) {
                open.addAll(reached(name));
            }
        }
        assertThat(seen).contains("dev/forebay/client/ControlPlane", "dev/forebay/wire/PlainJson");
        assertThat(absent).isEmpty();
    }

    private static void addAll(Class<?> command, Deque<String> to) {
        to.add(command.getName().replace('.', '/'));
        for (Class<?> each : command.getAnnotation(Command.class).subcommands()) {
            addAll(each, to);
        }
    }

    /** The classes that a class names: in its code, as types of its members, in annotations. */
    private static Set<String> reached(String name) throws IOException {
        Set<String> found = new TreeSet<>();
        try (InputStream in = ShortClassPathTest.class.getResourceAsStream("/" + name + ".class")) {
            ClassModel model = ClassFile.of().parse(in.readAllBytes());
            for (PoolEntry entry : model.constantPool()) {
                switch (entry) {
                    case ClassEntry each -> add(each.asSymbol().descriptorString(), found);
                    case NameAndTypeEntry each -> add(each.type().stringValue(), found);
                    case MethodTypeEntry each -> add(each.descriptor().stringValue(), found);
                    case Utf8Entry each when !name.equals(PROGRAM) ->
                            add(each.stringValue(), found);
                    default -> {}
                }
            }
            model.fields().forEach(each -> add(each.fieldType().stringValue(), found));
            model.methods().forEach(each -> add(each.methodType().stringValue(), found));
        }
        return found;
    }

    private static void add(String descriptor, Set<String> found) {
        Matcher types = NAMED.matcher(descriptor);
        while (types.find()) {
            found.add(types.group(1));
        }
    }
}
