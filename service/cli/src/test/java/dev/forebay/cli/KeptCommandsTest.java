package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * What is kept of a command is all that picocli found, and a file that is worth nothing does no
 * harm.
 */
class KeptCommandsTest {
    /**
     * What differs and is not asked for: how a field was found, and what picocli itself adds for
     * that and for texts in other languages.
     */
    private static final Set<String> NOT_COMPARED =
            Set.of(
                    "annotatedElement",
                    "command",
                    "commandLine",
                    "converters",
                    "completionCandidates",
                    "descriptionKey",
                    "getValue",
                    "getter",
                    "setter",
                    "scope",
                    "toBuilder",
                    "toString",
                    "typeInfo",
                    "userObject",
                    "group",
                    "root",
                    "preprocessor",
                    "prompt",
                    "messages",
                    "helpFactory",
                    "sectionMap",
                    "hashCode");

    @TempDir private Path folder;

    static Stream<Class<?>> commands() {
        return FastCommands.all().stream().map(Object::getClass);
    }

    private static Object made(Class<?> type) throws ReflectiveOperationException {
        var constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }

    private KeptCommands kept() {
        return new KeptCommands(Optional.of(folder.toString()));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void allThatPicocliFoundIsKept(Class<?> type) throws IOException, ReflectiveOperationException {
        kept().keep(made(type));

        CommandSpec read = kept().describe(made(type));
        assertThat(read.specElements()).as("it comes from the file").isEmpty();
        compare(read, CommandSpec.forAnnotatedObject(made(type)));
    }

    private static void compare(CommandSpec read, CommandSpec found)
            throws ReflectiveOperationException {
        assertThat(read.name()).isEqualTo(found.name());
        // What the program sets for all of its commands, and the width of the terminal, are not of
        // the command.
        assertThat(attributes(UsageMessageSpec.class, read.usageMessage()))
                .isEqualTo(attributes(UsageMessageSpec.class, found.usageMessage()));
        compare(read.options(), found.options(), OptionSpec.class);
        compare(
                read.positionalParameters(),
                found.positionalParameters(),
                PositionalParamSpec.class);
        assertThat(read.subcommands().keySet()).isEqualTo(found.subcommands().keySet());
        Iterator<CommandLine> below = found.subcommands().values().iterator();
        for (CommandLine each : read.subcommands().values()) {
            compare(each.getCommandSpec(), below.next().getCommandSpec());
        }
    }

    private static <T extends ArgSpec> void compare(List<T> read, List<T> found, Class<T> type)
            throws ReflectiveOperationException {
        assertThat(read).hasSameSizeAs(found);
        for (int i = 0; i < read.size(); i++) {
            assertThat(attributes(type, read.get(i)))
                    .as(found.get(i).toString())
                    .isEqualTo(attributes(type, found.get(i)));
            assertThat(classes(read.get(i).converters()))
                    .isEqualTo(classes(found.get(i).converters()));
            assertThat(words(read.get(i))).isEqualTo(words(found.get(i)));
        }
    }

    private static List<Class<?>> classes(ITypeConverter<?>... converters) {
        return Arrays.stream(converters).<Class<?>>map(Object::getClass).toList();
    }

    private static String words(ArgSpec argument) {
        Iterable<String> candidates = argument.completionCandidates();
        return candidates == null ? "none" : String.join(" ", candidates);
    }

    /** The results of all public methods without parameters. */
    private static Map<String, Object> attributes(Class<?> type, Object of)
            throws ReflectiveOperationException {
        Map<String, Object> attributes = new TreeMap<>();
        for (Method method : type.getMethods()) {
            if (method.getParameterCount() == 0
                    && method.getReturnType() != void.class
                    && method.getDeclaringClass() != Object.class
                    && !NOT_COMPARED.contains(method.getName())) {
                method.setAccessible(true);
                Object value;
                try {
                    value = method.invoke(of);
                } catch (InvocationTargetException e) {
                    throw new AssertionError(method.toString(), e);
                }
                attributes.put(
                        method.getName(),
                        value instanceof Object[] array ? List.of(array) : String.valueOf(value));
            }
        }
        return attributes;
    }

    @Test
    void itsFieldsAreSet() throws IOException {
        kept().keep(new ServeCommand());
        ServeCommand serve = new ServeCommand();

        new CommandLine(kept().describe(serve))
                .registerConverter(Path.class, Path::of)
                .parseArgs("--port", "1234", "--tls-name", "a", "--tls-name", "b", "--access-log");

        assertThat(serve)
                .hasFieldOrPropertyWithValue("port", 1234)
                .hasFieldOrPropertyWithValue("tlsNames", List.of("a", "b"))
                .hasFieldOrPropertyWithValue("softDeletedTtl", "1")
                .hasFieldOrPropertyWithValue("accessLog", true);
    }

    private static Said run(KeptCommands kept, String... args) {
        return Said.by(shell -> Forebay.run(kept, shell, args));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void itExplainsItselfInTheSameWords(Class<?> type)
            throws IOException, ReflectiveOperationException {
        kept().keep(made(type));
        String name = CommandSpec.forAnnotatedObject(made(type)).name();
        boolean alone = Set.of("version", "completion", "login", "serve", "warm-up").contains(name);
        for (String[] words :
                new String[][] {
                    {"--help"},
                    {"--version"},
                    {"--no-such-option"},
                    {"a", "b", "c", "--server"},
                    {"--tag", "="}
                }) {
            String[] line =
                    Stream.concat(
                                    alone ? Stream.of(name) : Stream.of("buffer", name),
                                    Arrays.stream(words))
                            .toArray(String[]::new);
            assertThat(run(kept(), line)).isEqualTo(run(new KeptCommands(Optional.empty()), line));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "help", "--version", "-V"})
    void theProgramExplainsItselfInTheSameWords(String word) throws IOException {
        Said expected = run(new KeptCommands(Optional.empty()), word);
        CommandLine whole = Forebay.commandLine(Shell.system());
        Forebay program = (Forebay) whole.getCommandSpec().userObject();
        kept().keepOutline(program);

        assertThat(kept().outline(program).mixins()).as("it comes from the file").isEmpty();
        assertThat(run(kept(), word)).isEqualTo(expected);
        Files.write(folder.resolve("outline"), new byte[4096]);
        assertThat(run(kept(), word)).isEqualTo(expected);
    }

    @Test
    void aFileThatIsCutIsAsGoodAsNone() throws IOException {
        kept().keep(new CreateCommand());
        Path file = folder.resolve(CreateCommand.class.getName());
        byte[] whole = Files.readAllBytes(file);
        Said expected = run(new KeptCommands(Optional.empty()), "buffer", "create", "--help");

        for (int length : IntStream.range(0, whole.length).filter(i -> i % 37 == 0).toArray()) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(run(kept(), "buffer", "create", "--help")).isEqualTo(expected);
        }
    }

    @Test
    void aFileOfSomethingElseIsAsGoodAsNone() throws IOException {
        Said expected = run(new KeptCommands(Optional.empty()), "buffer", "create", "--help");
        Path file = folder.resolve(CreateCommand.class.getName());
        for (byte[] other :
                List.of(
                        new byte[4096],
                        "#!/bin/sh\nexit 0\n".getBytes(UTF_8),
                        bytes(4096, (byte) -1))) {
            Files.write(file, other);
            assertThat(run(kept(), "buffer", "create", "--help")).isEqualTo(expected);
        }
    }

    private static byte[] bytes(int length, byte value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, value);
        return bytes;
    }

    @Test
    void aFolderThatCannotBeIsAsGoodAsNone() {
        assertThat(run(new KeptCommands(Optional.of("\0")), "buffer", "create", "--help"))
                .isEqualTo(run(new KeptCommands(Optional.empty()), "buffer", "create", "--help"));
    }

    @Test
    void withoutAFolderNothingIsKept() {
        assertThatThrownBy(() -> new KeptCommands(Optional.empty()).keep(new CreateCommand()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("forebay.commands");
    }
}
