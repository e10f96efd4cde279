package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.base.Clock;
import dev.forebay.control.ControlException.Kind;
import dev.forebay.wire.control.CodespecBody;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Names programs, once and for all: a name has versions from 1 on, and none of them ever changes.
 *
 * <p><b>Guarantee.</b> What a method returns from is committed. The content of the latest version
 * gives that version again; any other content gives the next number, also where many create at
 * once. Tags belong to the name: they are no part of a version, and changing them makes none.
 *
 * <p><b>Limit.</b> A name is never removed, nor a version of it.
 *
 * <p>Source of the rules: section 2.10 of the wire reference. Safe for use by many threads; blocks
 * on the database. A refusal is a {@link ControlException}.
 */
public final class Codespecs {
    private static final int MOST_ON_A_PAGE = 2000;

    private final Database database;
    private final CodespecTable table;
    private final Clock clock;

    public Codespecs(Database database, Clock clock) {
        this.database = database;
        this.table = new CodespecTable(database.dialect().rowLock());
        this.clock = clock;
    }

    /** The version of {@code name} that has this content: the latest one, or a new one. */
    public CodespecBody create(String name, CodespecBody content) {
        CodespecRules.checkName(name, content);
        CodespecRules.check(content);
        Instant now = clock.wall().truncatedTo(ChronoUnit.MICROS);
        return database.write(handle -> {
            int latest = table.lockName(handle, name);
            Optional<CodespecBody> same =
                    table.find(handle, name, latest).filter(content::hasContentOf);
            if (same.isPresent()) {
                return same.get();
            }
            table.insert(handle, name, latest + 1, now, content);
            return content.as(name, latest + 1, now);
        });
    }

    /** The latest version. */
    public CodespecBody get(String name) {
        return database.read(handle -> requireLatest(handle, name));
    }

    private CodespecBody requireLatest(Handle handle, String name) {
        return (CodespecRules.isName(name)
                        ? table.findLatest(handle, name)
                        : Optional.<CodespecBody>empty())
                .orElseThrow(() -> notFound(name));
    }

    private static ControlException notFound(String name) {
        return new ControlException(
                Kind.NOT_FOUND, "The codespec '%s' was not found".formatted(name));
    }

    public CodespecBody get(String name, int version) {
        return database.read(handle -> {
            Integer latest = requireLatest(handle, name).version();
            return table.find(handle, name, version)
                    .orElseThrow(() ->
                            new ControlException(
                                    Kind.NOT_FOUND,
                                    "The version '%d' of codespec '%s' was not found. The latest version is '%d'."
                                            .formatted(version, name, latest)));
        });
    }

    /**
     * A page of the latest versions, in the order of the bytes of their names.
     *
     * @param prefix how the names begin
     * @param tags that the names must have; with {@code tagKeys} with any value
     * @param created when the latest version was made
     * @param limit how many at most; more than 2000 counts as 2000
     * @param continuation what an earlier page of the same listing gave
     */
    public CodespecPage list(
            String prefix,
            Map<String, String> tags,
            Set<String> tagKeys,
            TimeRange created,
            int limit,
            Optional<String> continuation) {
        if (limit < 0) {
            throw new ControlException(Kind.INVALID, "Limit must be a non-negative integer.");
        }
        Tags.checkCount(tags.size());
        Tags.checkCount(tagKeys.size());
        TagFilter filter = new TagFilter(tags, Map.of(), tagKeys, created);
        String after = continuation.map(Codespecs::decode).orElse("");
        boolean impossible =
                !(prefix.isEmpty() || CodespecRules.isName(prefix)) || !filter.canMatch();
        if (limit == 0 || impossible) {
            return new CodespecPage(List.of(), Optional.empty());
        }
        int most = Math.min(limit, MOST_ON_A_PAGE);
        List<CodespecBody> found =
                database.read(handle -> table.list(handle, prefix, filter, after, most + 1));
        if (found.size() <= most) {
            return new CodespecPage(found, Optional.empty());
        }
        String last = String.valueOf(found.get(most - 1).name());
        return new CodespecPage(found.subList(0, most), Optional.of(encode(last)));
    }

    private static String encode(String name) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(name.getBytes(UTF_8));
    }

    private static String decode(String token) {
        try {
            String name = new String(Base64.getUrlDecoder().decode(token), UTF_8);
            if (CodespecRules.isName(name)) {
                return name;
            }
        } catch (IllegalArgumentException e) {
            throw badToken(e);
        }
        throw badToken(null);
    }

    private static ControlException badToken(@Nullable Exception cause) {
        return new ControlException(Kind.INVALID, "Invalid continuation token.", cause);
    }

    /** The tags of a name. */
    public CodespecTags tags(String name) {
        return database.read(handle -> tags(handle, name));
    }

    private CodespecTags tags(Handle handle, String name) {
        requireLatest(handle, name);
        return new CodespecTags(name, table.tags(handle, name));
    }

    /**
     * Replaces all tags of a name.
     *
     * @param ifMatch the version of the tags that is presumed; empty or {@code *}: any
     */
    public CodespecTags setTags(String name, Optional<String> ifMatch, Map<String, String> tags) {
        Tags.check(tags);
        return database.write(handle -> {
            requireLatest(handle, name);
            table.lockName(handle, name);
            ETag.check(ifMatch, tags(handle, name).eTag());
            table.setTags(handle, name, tags);
            return new CodespecTags(name, tags);
        });
    }
}
