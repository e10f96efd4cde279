package dev.forebay.datalog;

/**
 * Which blobs; what is empty fits every blob.
 *
 * @param source who recorded it
 * @param type how to read it
 * @param channel the exact channel; if there is a glob too, one of the two has to fit
 * @param channelGlob a pattern of the shell for the channel: {@code *} is any text, {@code ?} one
 *     character, {@code [a-z]} one of these
 */
public record BlobSpec(String source, String type, String channel, String channelGlob) {
    /** Fits every blob. */
    public static final BlobSpec ANY = new BlobSpec("", "", "", "");

    /**
     * Whether the entries of a series fit.
     *
     * @param key of the series
     * @return true if they do
     */
    public boolean fits(SeriesKey key) {
        return key.kind() == Kind.BLOB
                && (source.isEmpty() || source.equals(key.source()))
                && (type.isEmpty() || type.equals(key.type()))
                && fitsChannel(key.channel());
    }

    private boolean fitsChannel(String name) {
        if (channel.isEmpty() && channelGlob.isEmpty()) {
            return true;
        }
        return !channel.isEmpty() && channel.equals(name)
                || !channelGlob.isEmpty() && Glob.fits(channelGlob, name);
    }
}
