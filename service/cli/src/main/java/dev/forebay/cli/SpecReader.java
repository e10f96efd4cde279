package dev.forebay.cli;

import java.io.DataInput;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Range;

/**
 * Describes a command as a {@link SpecWriter} kept it, whose layout this is, and makes what its
 * fields hold.
 */
final class SpecReader {
    private final DataInput in;

    SpecReader(DataInput in) {
        this.in = in;
    }

    /** Describes {@code command}. */
    CommandSpec command(Object command) throws IOException, ReflectiveOperationException {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command).name(in.readUTF());
        spec.usageMessage()
                .description(texts())
                .footerHeading(in.readUTF())
                .footer(texts())
                .showDefaultValues(in.readBoolean())
                .hidden(in.readBoolean());
        List<Object> objects = new ArrayList<>(List.of(command));
        for (int left = in.readInt(); left > 0; left--) {
            Bound holder = bound(objects);
            Object held = made(holder.field.getType());
            holder.set(held);
            objects.add(held);
        }
        for (int left = in.readInt(); left > 0; left--) {
            bound(objects).set(spec);
        }
        options(spec, objects);
        for (int left = in.readInt(); left > 0; left--) {
            PositionalParamSpec.Builder parameter =
                    PositionalParamSpec.builder().index(in.readUTF());
            spec.addPositional(argument(objects).of(parameter).build());
        }
        for (int left = in.readInt(); left > 0; left--) {
            CommandSpec below = command(made(Class.forName(in.readUTF())));
            spec.addSubcommand(below.name(), new CommandLine(below));
        }
        return spec;
    }

    /** Describes what the help of {@code program} shows. */
    CommandSpec outline(Forebay program) throws IOException, ReflectiveOperationException {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(program).name(in.readUTF());
        spec.usageMessage()
                .description(texts())
                .footerHeading(in.readUTF())
                .footer(texts())
                .exitCodeListHeading(in.readUTF())
                .exitCodeList(UsageMessageSpec.keyValuesMap(texts()))
                .synopsisSubcommandLabel(in.readUTF());
        options(spec, List.of(program));
        for (int left = in.readInt(); left > 0; left--) {
            CommandSpec below = CommandSpec.create().name(in.readUTF()).aliases(texts());
            below.usageMessage().description(texts()).hidden(in.readBoolean());
            spec.addSubcommand(below.name(), below);
        }
        return spec;
    }

    private void options(CommandSpec spec, List<Object> objects)
            throws IOException, ReflectiveOperationException {
        for (int left = in.readInt(); left > 0; left--) {
            OptionSpec.Builder option =
                    OptionSpec.builder(texts())
                            .usageHelp(in.readBoolean())
                            .versionHelp(in.readBoolean());
            spec.addOption(argument(objects).of(option).build());
        }
    }

    /**
     * A field of one of the objects. Java's first access to a field takes longer than the rest of
     * what is done for it here, so one that holds null or false from the beginning is not touched
     * until it gets another value.
     */
    private static final class Bound implements IGetter, ISetter {
        private final Object owner;
        private final Field field;
        private boolean untouched;

        Bound(Object owner, Field field) {
            this.owner = owner;
            this.field = field;
        }

        /** It holds null, or false, so far. */
        Bound empty() {
            untouched = true;
            return this;
        }

        @Override
        // As picocli asks for it, which takes null, too.
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"})
        public <T> T get() throws IllegalAccessException {
            return (T) (untouched ? nothing() : field.get(owner));
        }

        @Override
        public <T> T set(T value) throws IllegalAccessException {
            T before = get();
            if (!untouched || !Objects.equals(value, nothing())) {
                untouched = false;
                field.set(owner, value);
            }
            return before;
        }

        private @Nullable Object nothing() {
            return field.getType() == boolean.class ? false : null;
        }
    }

    private Bound bound(List<Object> objects) throws IOException, ReflectiveOperationException {
        Object owner = objects.get(in.readInt());
        Field field = field(owner.getClass(), in.readUTF());
        field.setAccessible(true);
        return new Bound(owner, field);
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        try {
            return type.getDeclaredField(name);
        } catch (NoSuchFieldException e) {
            Class<?> parent = type.getSuperclass();
            if (parent == null) {
                throw e;
            }
            return field(parent, name);
        }
    }

    private static Object made(Class<?> type) throws ReflectiveOperationException {
        var constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }

    /** What options and positional parameters have in common, and picocli's builders have not. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Argument(
            String label,
            String split,
            @Nullable String byDefault,
            String[] description,
            boolean hidden,
            boolean required,
            Range arity,
            Visibility visibility,
            @Nullable Iterable<String> candidates,
            ITypeConverter<?>[] converters,
            Class<?>[] elements,
            @Nullable Bound bound) {
        OptionSpec.Builder of(OptionSpec.Builder option) throws IllegalAccessException {
            option.paramLabel(label)
                    .splitRegex(split)
                    .defaultValue(byDefault)
                    .description(description)
                    .hidden(hidden)
                    .required(required)
                    .arity(arity)
                    .showDefaultValue(visibility)
                    .completionCandidates(candidates)
                    .converters(converters)
                    .type(type())
                    .initialValue(bound == null ? (Object) false : bound.get());
            if (bound != null) {
                option.getter(bound).setter(bound);
            }
            return elements.length == 0 ? option : option.auxiliaryTypes(elements);
        }

        PositionalParamSpec.Builder of(PositionalParamSpec.Builder parameter)
                throws IllegalAccessException {
            parameter
                    .paramLabel(label)
                    .splitRegex(split)
                    .defaultValue(byDefault)
                    .description(description)
                    .hidden(hidden)
                    .required(required)
                    .arity(arity)
                    .showDefaultValue(visibility)
                    .completionCandidates(candidates)
                    .converters(converters)
                    .type(type())
                    .initialValue(bound == null ? (Object) false : bound.get());
            if (bound != null) {
                parameter.getter(bound).setter(bound);
            }
            return elements.length == 0 ? parameter : parameter.auxiliaryTypes(elements);
        }

        /** Help and version, which picocli itself adds, are bound to no field. */
        private Class<?> type() {
            return bound == null ? boolean.class : bound.field.getType();
        }
    }

    private Argument argument(List<Object> objects)
            throws IOException, ReflectiveOperationException {
        return new Argument(
                in.readUTF(),
                in.readUTF(),
                optional(),
                texts(),
                in.readBoolean(),
                in.readBoolean(),
                Range.valueOf(in.readUTF()).unspecified(in.readBoolean()),
                Visibility.valueOf(in.readUTF()),
                candidates(),
                converters(),
                classes(),
                in.readBoolean() ? argumentField(objects) : null);
    }

    private Bound argumentField(List<Object> objects)
            throws IOException, ReflectiveOperationException {
        boolean empty = in.readBoolean();
        Bound bound = bound(objects);
        return empty ? bound.empty() : bound;
    }

    @SuppressWarnings("unchecked") // Candidates are words.
    private @Nullable Iterable<String> candidates()
            throws IOException, ReflectiveOperationException {
        String name = optional();
        return name == null ? null : (Iterable<String>) made(Class.forName(name));
    }

    private ITypeConverter<?>[] converters() throws IOException, ReflectiveOperationException {
        Class<?>[] classes = classes();
        ITypeConverter<?>[] converters = new ITypeConverter<?>[classes.length];
        for (int i = 0; i < classes.length; i++) {
            converters[i] = (ITypeConverter<?>) made(classes[i]);
        }
        return converters;
    }

    private Class<?>[] classes() throws IOException, ClassNotFoundException {
        String[] names = texts();
        Class<?>[] classes = new Class<?>[names.length];
        for (int i = 0; i < names.length; i++) {
            classes[i] = Class.forName(names[i]);
        }
        return classes;
    }

    private String[] texts() throws IOException {
        String[] texts = new String[in.readInt()];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = in.readUTF();
        }
        return texts;
    }

    private @Nullable String optional() throws IOException {
        return in.readBoolean() ? in.readUTF() : null;
    }
}
