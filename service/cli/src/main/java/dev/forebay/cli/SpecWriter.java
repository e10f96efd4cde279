package dev.forebay.cli;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Spec;

/**
 * Writes what picocli found in the annotations of a command, or of the program for its help, for
 * {@link SpecReader}.
 *
 * <p><b>Layout.</b> Numbers, texts and truth values are those of {@link DataOutput}. A star stands
 * for an int, how many there are, and as many; a question mark for a boolean, whether there is one,
 * and then the one.
 *
 * <pre>
 * outline     text name, text* description, text footerHeading, text* footer,
 *             text exitCodeListHeading, text* exitCodeList, text synopsisSubcommandLabel,
 *             option* options, line* commands
 * line        text name, text* aliases, text* description, boolean hidden
 * command     text name, text* description, text footerHeading, text* footer,
 *             boolean showDefaultValues, boolean hidden, field* mixins, field* specs,
 *             option* options, positional* parameters, subcommand* subcommands
 * field       int object, text name
 * option      text* names, boolean usageHelp, boolean versionHelp, argument
 * positional  text index, argument
 * subcommand  text class, command
 * argument    text label, text split, text? default, text* description,
 *             boolean hidden, boolean required, text arity, boolean unspecified,
 *             text visibility, text? candidates, text* converters, text* elements,
 *             holder? holder
 * holder      boolean empty, field
 * </pre>
 *
 * Object 0 is the command, the others are what the fields marked as {@code Mixin} hold, in their
 * order. Candidates, converters and the elements of collections are names of classes; a holder is
 * empty if it holds null or false at first. What is not in here no kept command uses: the test
 * compares all that picocli knows of each.
 */
final class SpecWriter {
    private final DataOutput out;

    SpecWriter(DataOutput out) {
        this.out = out;
    }

    /** All that was found in the annotations of a command. */
    void command(CommandSpec found) throws IOException {
        Class<?> type = found.userObject().getClass();
        Command said = type.getAnnotation(Command.class);
        out.writeUTF(said.name());
        texts(said.description());
        out.writeUTF(said.footerHeading());
        texts(said.footer());
        out.writeBoolean(said.showDefaultValues());
        out.writeBoolean(said.hidden());
        List<Class<?>> objects = objects(type);
        marked(objects, Spec.class);
        options(found, objects);
        out.writeInt(found.positionalParameters().size());
        for (PositionalParamSpec parameter : found.positionalParameters()) {
            out.writeUTF(parameter.index().toString());
            PositionalParamSpec.Builder raw = parameter.toBuilder();
            texts(raw.paramLabel(), raw.splitRegex(), raw.defaultValue(), raw.description());
            argument(parameter, objects);
        }
        out.writeInt(found.subcommands().size());
        for (CommandLine below : found.subcommands().values()) {
            out.writeUTF(below.getCommandSpec().userObject().getClass().getName());
            command(below.getCommandSpec());
        }
    }

    /** Of the program, what its help shows. */
    void outline(CommandSpec found) throws IOException {
        Command said = found.userObject().getClass().getAnnotation(Command.class);
        out.writeUTF(said.name());
        texts(said.description());
        out.writeUTF(said.footerHeading());
        texts(said.footer());
        out.writeUTF(said.exitCodeListHeading());
        texts(said.exitCodeList());
        out.writeUTF(said.synopsisSubcommandLabel());
        options(found, List.of());
        List<Command> commands = Outline.commands();
        out.writeInt(commands.size());
        for (Command command : commands) {
            out.writeUTF(command.name());
            texts(command.aliases());
            texts(command.description());
            out.writeBoolean(command.hidden());
        }
    }

    private void options(CommandSpec found, List<Class<?>> objects) throws IOException {
        out.writeInt(found.options().size());
        for (OptionSpec option : found.options()) {
            texts(option.names());
            out.writeBoolean(option.usageHelp());
            out.writeBoolean(option.versionHelp());
            OptionSpec.Builder raw = option.toBuilder();
            texts(raw.paramLabel(), raw.splitRegex(), raw.defaultValue(), raw.description());
            argument(option, objects);
        }
    }

    /** The classes of the command and of what its fields hold; it writes these fields. */
    private List<Class<?>> objects(Class<?> command) throws IOException {
        List<Class<?>> objects = new ArrayList<>(List.of(command));
        for (int i = 0; i < objects.size(); i++) {
            fields(objects.get(i))
                    .filter(field -> field.isAnnotationPresent(Mixin.class))
                    .forEach(field -> objects.add(field.getType()));
        }
        if (new HashSet<>(objects).size() < objects.size()) {
            throw new IllegalArgumentException(
                    "expected mixins of different classes in %s, found two of one"
                            .formatted(command));
        }
        marked(objects, Mixin.class);
        return objects;
    }

    /** Writes the fields that have this annotation, object by object. */
    private void marked(List<Class<?>> objects, Class<? extends Annotation> mark)
            throws IOException {
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        SpecWriter aside = new SpecWriter(new DataOutputStream(fields));
        int count = 0;
        for (int i = 0; i < objects.size(); i++) {
            for (Field field : fields(objects.get(i)).toList()) {
                if (field.isAnnotationPresent(mark)) {
                    aside.field(i, field);
                    count++;
                }
            }
        }
        out.writeInt(count);
        out.write(fields.toByteArray());
    }

    /** Its own, and those that it inherits. */
    private static Stream<Field> fields(Class<?> type) {
        return Stream.<Class<?>>iterate(type, Objects::nonNull, Class::getSuperclass)
                .flatMap(each -> Arrays.stream(each.getDeclaredFields()));
    }

    private void field(int object, Field field) throws IOException {
        out.writeInt(object);
        out.writeUTF(field.getName());
    }

    /** The texts of an argument; in them, variables have not been replaced. */
    private void texts(
            String label, String split, @Nullable String byDefault, String... description)
            throws IOException {
        out.writeUTF(label);
        out.writeUTF(split);
        optional(byDefault);
        texts(description);
    }

    /** What follows the texts of an argument. */
    private void argument(ArgSpec argument, List<Class<?>> objects) throws IOException {
        out.writeBoolean(argument.hidden());
        out.writeBoolean(argument.required());
        out.writeUTF(argument.arity().toString());
        out.writeBoolean(argument.arity().isUnspecified());
        out.writeUTF(argument.showDefaultValue().name());
        optional(candidates(argument));
        classes(Arrays.stream(argument.converters()).map(Object::getClass));
        boolean many = Collection.class.isAssignableFrom(argument.type());
        classes(many ? Arrays.stream(argument.auxiliaryTypes()) : Stream.of());
        Object bound = argument.userObject();
        int object = objects.size() - 1;
        while (object >= 0 && fields(objects.get(object)).noneMatch(bound::equals)) {
            object--;
        }
        out.writeBoolean(object >= 0);
        if (object >= 0) {
            Object initial = argument.initialValue();
            out.writeBoolean(initial == null || initial.equals(false));
            field(object, (Field) bound);
        }
    }

    /** The class of candidates of our own; picocli makes those of an enum. */
    private static @Nullable String candidates(ArgSpec argument) {
        Iterable<String> candidates = argument.completionCandidates();
        return candidates == null || candidates instanceof List
                ? null
                : candidates.getClass().getName();
    }

    private void classes(Stream<? extends Class<?>> classes) throws IOException {
        texts(classes.map(Class::getName).toArray(String[]::new));
    }

    private void texts(String... texts) throws IOException {
        out.writeInt(texts.length);
        for (String text : texts) {
            out.writeUTF(text);
        }
    }

    private void optional(@Nullable String text) throws IOException {
        out.writeBoolean(text != null);
        if (text != null) {
            out.writeUTF(text);
        }
    }
}
