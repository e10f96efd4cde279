package dev.forebay.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The codespecs of a server. Safe for use by many threads; each call blocks for a request, or for
 * one a page. Whatever is refused is a {@link ControlPlaneException}; a name that can be none is an
 * {@code IllegalArgumentException}.
 */
public final class RemoteCodespecs {
    private static final Pattern NAME = Pattern.compile("[a-z0-9\\-._]+");
    private static final int LARGEST_PAGE = 2000;

    private final ControlPlane plane;

    RemoteCodespecs(ControlPlane plane) {
        this.plane = plane;
    }

    private static String path(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'%s' is not a codespec name; expected lower case letters, digits, '-', '_' and '.'"
                            .formatted(name));
        }
        return "/codespecs/" + name;
    }

    /**
     * The version of {@code name} with this content: the latest, or a new one.
     *
     * @param name of the codespec
     * @param content the fields of the wire format, as maps, lists, texts and numbers
     * @return the version that has the content
     */
    public CodespecInfo create(String name, Map<String, Object> content) {
        return new CodespecInfo(plane.object("PUT", path(name), content, Map.of()));
    }

    /**
     * {@return the latest version}
     *
     * @param name of the codespec
     */
    public CodespecInfo get(String name) {
        return new CodespecInfo(plane.object("GET", path(name), null, Map.of()));
    }

    /**
     * One version.
     *
     * @param name of the codespec
     * @param version from 1 on
     * @return what the server says of it
     */
    public CodespecInfo get(String name, int version) {
        String path = path(name) + "/versions/" + version;
        return new CodespecInfo(plane.object("GET", path, null, Map.of()));
    }

    /**
     * The latest versions of those that match, at most {@code limit}.
     *
     * @param search which
     * @param limit 0 or more
     * @return a list in the order of their names
     */
    public List<CodespecInfo> list(CodespecSearch search, int limit) {
        List<CodespecInfo> found = new ArrayList<>();
        String next = "/codespecs?limit=" + Math.min(limit, LARGEST_PAGE) + search.parameters();
        while (!next.isEmpty()) {
            ControlPlane.Page page = plane.page(next);
            for (Map<String, Object> each : page.items()) {
                if (found.size() < limit) {
                    found.add(new CodespecInfo(each));
                }
            }
            next = found.size() < limit ? page.next() : "";
        }
        return found;
    }

    /**
     * {@return the tags of a name}
     *
     * @param name of the codespec
     */
    public TagSet tags(String name) {
        return new TagSet(plane.object("GET", path(name) + "/tags", null, Map.of()));
    }

    /**
     * Replaces all tags of a name.
     *
     * @param name of the codespec
     * @param tags all that the name shall have
     * @param ifVersion the {@link TagSet#eTag} that the tags must have; null: any
     * @return the tags after it
     */
    public TagSet setTags(String name, Map<String, String> tags, @Nullable String ifVersion) {
        return new TagSet(
                plane.object(
                        "PUT",
                        path(name) + "/tags",
                        Map.of("tags", tags),
                        ifVersion == null ? Map.of() : Map.of("If-Match", ifVersion)));
    }
}
