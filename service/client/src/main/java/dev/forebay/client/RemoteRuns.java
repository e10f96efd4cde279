package dev.forebay.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.wire.PlainJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a server. Safe for use by many threads; each call blocks for a request, or for one a
 * page. Whatever is refused is a {@link ControlPlaneException}.
 */
public final class RemoteRuns {
    private static final int LARGEST_PAGE = 2000;

    private final ControlPlane plane;

    RemoteRuns(ControlPlane plane) {
        this.plane = plane;
    }

    /**
     * What the server says of a run.
     *
     * @param id from 1
     * @return what it says now
     */
    public RunInfo get(long id) {
        return new RunInfo(plane.object("GET", "/runs/" + id, null, Map.of()));
    }

    /**
     * The runs that match, the newest first, at most {@code limit}.
     *
     * @param search which
     * @param limit 0 or more
     * @return a list of the caller's own
     */
    public List<RunInfo> list(RunSearch search, int limit) {
        List<RunInfo> found = new ArrayList<>();
        String next =
                "/runs?limit=%d%s".formatted(Math.min(limit, LARGEST_PAGE), search.parameters());
        while (!next.isEmpty()) {
            ControlPlane.Page page = plane.page(next);
            for (Map<String, Object> each : page.items()) {
                if (found.size() < limit) {
                    found.add(new RunInfo(each));
                }
            }
            next = found.size() < limit ? page.next() : "";
        }
        return found;
    }

    /**
     * How many match, by the status in lower case, without those of which there are none.
     *
     * @param search which
     * @return numbers by statuses
     */
    public Map<String, Object> counts(RunSearch search) {
        String query = search.parameters().replaceFirst("&", "?");
        return plane.object("GET", "/runs/counts" + query, null, Map.of());
    }

    /**
     * Replaces all tags of a run.
     *
     * @param id from 1
     * @param tags all that the run shall have
     * @param ifVersion the {@link RunInfo#eTag} that it must have; null: any
     * @return the run after it
     */
    public RunInfo setTags(long id, Map<String, String> tags, @Nullable String ifVersion) {
        return new RunInfo(
                plane.object(
                        "PUT",
                        "/runs/" + id,
                        Map.of("tags", tags),
                        ifVersion == null ? Map.of() : Map.of("If-Match", ifVersion)));
    }

    /**
     * Creates a run.
     *
     * @param content the fields of the wire format, as maps, lists, texts and numbers
     * @param key a second call with the same key returns the run of the first
     * @return the new run, or the first of that key
     */
    public RunInfo create(Map<String, Object> content, String key) {
        return new RunInfo(plane.object("POST", "/runs", content, Map.of("Idempotency-Key", key)));
    }

    /**
     * As {@link #create}, or returns a run that has succeeded with the same program and bytes of
     * inputs, and whose outputs are there. Blocks as long as the server reads these inputs.
     *
     * @param content as for {@link #create}
     * @param key as for {@link #create}
     * @return the run that was found, or a new one
     */
    public RunInfo createOrReuse(Map<String, Object> content, String key) {
        return new RunInfo(
                plane.patientObject(
                        "POST", "/runs?reuse=true", content, Map.of("Idempotency-Key", key)));
    }

    /**
     * Follows a run until it has ended: passes on its state now, and after each change. A
     * connection that breaks is made again, but not twice without news. Blocks as long as that
     * takes.
     *
     * @param id from 1
     * @param seen takes each state, on the calling thread
     * @return the last state
     */
    public RunInfo watch(long id, Consumer<? super RunInfo> seen) {
        boolean broken = false;
        while (true) {
            try (BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    plane.stream("/runs/" + id + "?watch=true"), UTF_8))) {
                @Nullable RunInfo last = null;
                @Nullable String line;
                while ((line = lines.readLine()) != null) {
                    last = new RunInfo(PlainJson.readObject(line.getBytes(UTF_8)));
                    broken = false;
                    seen.accept(last);
                }
                if (last != null) {
                    return last;
                }
                throw plane.foreign("the states of a run", "nothing", null);
            } catch (IOException e) {
                if (broken) {
                    throw plane.noAnswer(e);
                }
                broken = true;
            }
        }
    }

    /**
     * Opens the log of a run; to be closed by the caller.
     *
     * @param id from 1
     * @param query which lines
     * @return the lines as UTF-8
     */
    public InputStream logs(long id, RunLogQuery query) {
        return plane.stream("/runs/" + id + "/logs" + query.parameters());
    }

    /**
     * Asks for the end of a run; what has ended stays as it is.
     *
     * @param id from 1
     * @return the run after it
     */
    public RunInfo cancel(long id) {
        return new RunInfo(plane.object("POST", "/runs/" + id + "/cancel", null, Map.of()));
    }
}
