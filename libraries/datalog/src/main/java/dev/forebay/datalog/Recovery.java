package dev.forebay.datalog;

import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Brings the pages and the catalogue together when a log is opened: pages that were going are
 * removed, pages that the catalogue does not know are completed and noted, pages whose files are
 * gone are counted as lost. Every step can be cut off and is done again by the next opening.
 */
final class Recovery {
    private final Catalogue catalogue;
    private final PageFiles files;

    Recovery(Catalogue catalogue, PageFiles files) {
        this.catalogue = catalogue;
        this.files = files;
    }

    /** Returns the number of the next page. */
    long run() throws IOException {
        PageFiles.Found found = files.find();
        Set<Long> there = new HashSet<>(found.pages());
        long last = 0;
        for (PageSummary page : catalogue.pages()) {
            last = Math.max(last, page.id());
            if (!there.contains(page.id())) {
                catalogue.gone(page.id(), Loss.DAMAGED);
            }
        }
        for (long id : catalogue.going()) {
            last = Math.max(last, id);
            files.delete(id);
            there.remove(id);
        }
        for (long id : found.rests()) {
            last = Math.max(last, id);
            files.delete(id);
        }
        for (long id : found.pages()) {
            last = Math.max(last, id);
            if (there.contains(id) && catalogue.page(id).isEmpty()) {
                complete(id);
            }
        }
        files.syncNames();
        catalogue.going().forEach(catalogue::removed);
        return last + 1;
    }

    private void complete(long id) throws IOException {
        Optional<PageFiles.Recovered> found = files.recover(id);
        if (found.isEmpty()) {
            files.delete(id);
            return;
        }
        catalogue.recovered(found.get().summary(), found.get().lost());
    }
}
