package dev.forebay.run;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The folders that an executor has for its runs, side by side, each named by the number of its run.
 *
 * <p><b>Guarantee.</b> What has another name is not looked at. <b>Limit.</b> A folder that is made
 * or removed meanwhile may or may not be found. Blocks on files; holds no state.
 *
 * @param directory where they are
 */
record RunFolders(Path directory) {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    RunFolder of(long run) {
        return new RunFolder(directory.resolve(Long.toString(run)));
    }

    /** All that are there, by the numbers of their runs. */
    SortedMap<Long, RunFolder> byNumber() throws IOException {
        SortedMap<Long, RunFolder> found = new TreeMap<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(directory, "[0-9]*")) {
            for (Path folder : folders) {
                String name = String.valueOf(folder.getFileName());
                if (NUMBER.matcher(name).matches()) {
                    found.put(Long.parseLong(name), new RunFolder(folder));
                }
            }
        }
        return found;
    }
}
