"""Peers of the data log's benchmark: COMMAND FILE COUNT BYTES; prints the seconds and the processor seconds it took."""
import sys, time


def payload(i, rest):
    return i.to_bytes(8, 'little') + rest


def check(i, data, rest):
    if data[:8] != i.to_bytes(8, 'little') or data[8:] != rest:
        raise SystemExit('message %d is not what was written' % i)


def bddf_write(path, count, rest):
    from bosdyn.bddf import DataWriter
    with open(path, 'wb') as out:
        begin()
        with DataWriter(out) as writer:
            series = writer.add_message_series('bosdyn:channel', {'bosdyn:channel': 'bench'}, 'application/octet-stream', '')
            for i in range(count):
                writer.write_data(series, i, payload(i, rest))
    end()


def bddf_read(path, count, rest):
    from bosdyn.bddf import DataReader
    with open(path, 'rb') as f:
        begin()
        reader = DataReader(f)
        series = reader.series_spec_to_index({'bosdyn:channel': 'bench'})
        for i in range(count):
            _, _, data = reader.read(series, i)
            check(i, data, rest)
        end()


def bddf_stream(path, count, rest):
    from bosdyn.bddf import StreamDataReader
    with open(path, 'rb') as f:
        begin()
        reader = StreamDataReader(f)
        for i in range(count):
            _, _, data = reader.read_data_block()
            check(i, data, rest)
        try:
            reader.read_data_block()
            raise SystemExit('there is more than was written')
        except EOFError:
            pass
        end()


def mcap_write(path, count, rest):
    from mcap.writer import Writer, CompressionType
    with open(path, 'wb') as out:
        begin()
        writer = Writer(out, compression=CompressionType.NONE)
        writer.start()
        channel = writer.register_channel(topic='bench', message_encoding='application/octet-stream', schema_id=0)
        for i in range(count):
            writer.add_message(channel, log_time=i, data=payload(i, rest), publish_time=i, sequence=i)
        writer.finish()
        out.flush()
        end()


def mcap_read(path, count, rest):
    from mcap.reader import make_reader
    with open(path, 'rb') as f:
        begin()
        found = 0
        for _, _, message in make_reader(f, validate_crcs=True).iter_messages():
            check(message.log_time, message.data, rest)
            found += 1
        end()
        if found != count:
            raise SystemExit('%d messages of %d' % (found, count))


def begin():
    global started, worked
    started, worked = time.monotonic(), time.process_time()


def end():
    print(time.monotonic() - started, time.process_time() - worked)


command, path, count, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
{'bddf-write': bddf_write, 'bddf-read': bddf_read, 'bddf-stream': bddf_stream,
 'mcap-write': mcap_write, 'mcap-read': mcap_read}[command](path, count, bytes(7 * i % 256 for i in range(size - 8)))
