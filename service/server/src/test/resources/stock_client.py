"""What the unmodified Spot SDK does with the log: one function for each scenario, called by StockClientTest."""

import hashlib
import json
import logging
import struct
import sys
import tempfile
import time
import zipfile

import grpc
import bosdyn.client
from bosdyn.api import (alerts_pb2, auth_pb2, auth_service_pb2_grpc, data_acquisition_pb2 as dac,
                        data_acquisition_store_pb2 as dac_store, data_buffer_pb2,
                        data_buffer_service_pb2_grpc, data_index_pb2, image_pb2, time_range_pb2)
from bosdyn.client.auth import (AuthClient, InvalidLoginError, InvalidTokenError,
                                TemporarilyLockedOutError)
from bosdyn.client.data_acquisition_helpers import download_data_REST
from bosdyn.client.data_acquisition_store import DataAcquisitionStoreClient
from bosdyn.client.data_buffer import DataBufferClient, LoggingHandler, make_parameter
from bosdyn.client.data_service import DataServiceClient
from bosdyn.client.directory import DirectoryClient, NonexistentServiceError
from bosdyn.client.exceptions import InvalidRequestError, UnauthenticatedError
from bosdyn.client.robot_id import RobotIdClient
from bosdyn.client.time_sync import TimeSyncClient, TimeSyncEndpoint
from google.protobuf import timestamp_pb2, wrappers_pb2

SCENARIO, PORT, TRUST = sys.argv[1], int(sys.argv[2]), sys.argv[3]
USER, PASSWORD = 'operator', 'a password for tests'
PATIENCE = 120


def robot(log_in=True):
    made = bosdyn.client.create_standard_sdk('stock', cert_resource_glob=TRUST).create_robot('127.0.0.1')
    made.update_secure_channel_port(PORT)
    if log_in:
        made.authenticate(USER, PASSWORD, timeout=PATIENCE)
    return made


def synced():
    made = robot()
    made.time_sync.wait_for_sync(timeout_sec=PATIENCE)
    return made


def must_raise(kind, call, text=''):
    try:
        call()
    except kind as e:
        assert text in str(e), 'expected %r in %r' % (text, str(e))
        return e
    raise AssertionError('expected %s, and the call succeeded' % kind.__name__)


def stamp(seconds):
    return timestamp_pb2.Timestamp(seconds=seconds)


def bootstrap():
    made = robot(log_in=False)
    identity = made.get_id()
    assert identity.serial_number and identity.nickname, identity
    assert made.ensure_client(RobotIdClient.default_service_name).get_id_async(timeout=PATIENCE).result() == identity
    must_raise(InvalidLoginError, lambda: made.authenticate(USER, 'wrong', timeout=PATIENCE))
    must_raise(InvalidLoginError, lambda: made.authenticate('stranger', PASSWORD, timeout=PATIENCE))
    must_raise(UnauthenticatedError, made.list_services)
    made.authenticate(USER, PASSWORD, timeout=PATIENCE)

    auth = made.ensure_client(AuthClient.default_service_name)
    renewed = auth.auth_with_token(made.user_token, timeout=PATIENCE)
    assert renewed
    must_raise(InvalidTokenError, lambda: auth.auth_with_token('forged', timeout=PATIENCE))
    must_raise(InvalidRequestError, lambda: auth.auth_with_token('', timeout=PATIENCE), 'username')

    directory = made.ensure_client(DirectoryClient.default_service_name)
    names = {entry.name: entry for entry in directory.list(timeout=PATIENCE)}
    for name in ('auth', 'robot-id', 'directory', 'time-sync', 'data-buffer', 'data', 'data-service'):
        assert names[name].authority.endswith('.spot.robot'), names[name]
        assert directory.get_entry(name, timeout=PATIENCE) == names[name]
    assert names['data'].type == names['data-service'].type == 'bosdyn.api.DataService'
    must_raise(NonexistentServiceError, lambda: directory.get_entry('arm', timeout=PATIENCE))
    made.sync_with_directory()
    assert made.ensure_client('data-service').get_data_buffer_status(timeout=PATIENCE)


def time_sync():
    made = robot()
    endpoint = TimeSyncEndpoint(made.ensure_client(TimeSyncClient.default_service_name))
    assert endpoint.establish_timesync(max_samples=25)
    assert endpoint.has_established_time_sync
    skew = endpoint.clock_skew
    assert abs(skew.seconds + skew.nanos / 1e9) < endpoint.round_trip_time.seconds + 1, skew
    trip = endpoint.round_trip_time
    assert 0 < trip.seconds + trip.nanos / 1e9 < PATIENCE, trip


def record():
    made = synced()
    buffer = made.ensure_client(DataBufferClient.default_service_name)
    text = data_buffer_pb2.TextMessage(message='started', source='arm', level=data_buffer_pb2.TextMessage.LEVEL_WARN,
                                       timestamp=stamp(1000))
    untimed = data_buffer_pb2.TextMessage(message='untimed', source='arm')
    assert not buffer.add_text_messages([text, untimed], timeout=PATIENCE).errors
    assert not buffer.add_text_messages_async([text], timeout=PATIENCE).result().errors
    buffer.add_operator_comment('by the client', robot_timestamp=stamp(1001), timeout=PATIENCE)
    buffer.add_operator_comment_async('by a future', robot_timestamp=stamp(1002), timeout=PATIENCE).result()
    made.operator_comment('by the robot', timeout=PATIENCE)
    buffer.add_blob(b'synced', 'application/x-test', 'camera', stamp(1003), write_sync=True, timeout=PATIENCE)
    buffer.add_blob_async(b'no channel', 'application/x-test', robot_timestamp=stamp(1004), timeout=PATIENCE).result()
    buffer.add_protobuf(text, robot_timestamp=stamp(1005))
    buffer.add_protobuf_async(text, channel='messages').result()
    buffer.add_blob(b'', 'application/x-test', 'empty', stamp(1006), timeout=PATIENCE)
    refused = buffer.add_blob(b'no type', '', 'camera', timeout=PATIENCE)
    assert [(e.index, e.type) for e in refused.errors] == [(0, 1)], refused

    event = data_buffer_pb2.Event(type='test:started', source='arm', description='once', start_time=stamp(1007),
                                  end_time=stamp(1008), level=data_buffer_pb2.Event.LEVEL_HIGH)
    assert not buffer.add_events([event], timeout=PATIENCE).errors
    assert not buffer.add_events_async([event], timeout=PATIENCE).result().errors
    parameters = [make_parameter(*p) for p in (('count', 3, '', ''), ('speed', 1.5, 'm/s', 'fast'), ('on', True, '', ''),
                                               ('name', 'x', '', ''))]
    made.log_event('test:logged', data_buffer_pb2.Event.LEVEL_MISSION_CRITICAL, 'by the robot',
                   time.time(), parameters=parameters, log_preserve_hint=True)

    kind = data_buffer_pb2.SignalSchema.Variable
    variables = [kind(name='t', type=kind.TYPE_INT64, is_time=True), kind(name='x', type=kind.TYPE_FLOAT64)]
    schema = buffer.register_signal_schema(variables, 'motor', timeout=PATIENCE)
    assert schema > 0
    assert buffer.register_signal_schema_async(variables, 'motor', timeout=PATIENCE).result() == schema
    for i in range(3):
        ticked = buffer.add_signal_tick(struct.pack('<qd', i, i / 2), schema, sequence_id=i, timeout=PATIENCE)
        assert not ticked.errors, ticked
    assert not buffer.add_signal_tick_async(struct.pack('<qd', 3, 1.5), schema, timeout=PATIENCE).result().errors
    short = buffer.add_signal_tick(b'short', schema, timeout=PATIENCE)
    assert [(e.index, e.type) for e in short.errors] == [(0, 1)], short
    raw = buffer.add_signal_tick(struct.pack('<qd', 1, 1), schema, encoding=0, timeout=PATIENCE)
    assert [(e.index, e.type) for e in raw.errors] == [(0, 1)], raw
    buffer.log_tick_schemas[schema + 1] = None
    unknown = buffer.add_signal_tick(struct.pack('<qd', 1, 1), schema + 1, timeout=PATIENCE)
    assert [(e.index, e.type) for e in unknown.errors] == [(0, 3)], unknown
    must_raise(InvalidRequestError,
               lambda: buffer.register_signal_schema([kind(name='x', type=0)], 'bad', timeout=PATIENCE), "'x'")
    for empty in (buffer.add_text_messages, buffer.add_events):
        assert not empty([], timeout=PATIENCE).errors


def logging_handler():
    made = synced()
    buffer = made.ensure_client(DataBufferClient.default_service_name)
    handler = LoggingHandler('stock-program', buffer, time_sync_endpoint=made.time_sync.endpoint,
                             rpc_timeout=PATIENCE)
    logger = logging.getLogger('a program')
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(handler)
    for i in range(50):
        logger.log((logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)[i % 4], 'message %d', i)
    # What close() sends it sends once more when Python exits, so the sending thread has to be done before.
    handler.flush()
    deadline = time.monotonic() + PATIENCE
    while handler._msg_queue and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not handler._msg_queue
    handler.close()


def query():
    made = synced()
    data = made.ensure_client(DataServiceClient.default_service_name)
    everything = time_range_pb2.TimeRange()
    old = time_range_pb2.TimeRange(start=stamp(990), end=stamp(1010))
    status = data.get_data_buffer_status(get_blob_specs=True, timeout=PATIENCE).data_buffer_status
    assert status.num_comments == 3 and status.num_events == 3 and status.num_data_buffer_pages >= 4, status
    specs = {(spec.channel, spec.message_type) for spec in status.blob_specs}
    for spec in (('camera', 'application/x-test'), ('application/x-test', 'application/x-test'),
                 ('bosdyn.api.TextMessage', 'bosdyn.api.TextMessage'), ('messages', 'bosdyn.api.TextMessage'),
                 ('empty', 'application/x-test')):
        assert spec in specs, (spec, specs)
    assert not data.get_data_buffer_status_async(timeout=PATIENCE).result().data_buffer_status.blob_specs

    def ask(time_range=None, **rest):
        asked = data_index_pb2.EventsCommentsSpec(time_range=time_range, **rest)
        return data.get_events_comments(asked, timeout=PATIENCE).events_comments

    any_event = [data_index_pb2.EventSpec()]
    found = ask(events=any_event, comments=True)
    assert [e.type for e in found.events] == ['test:started', 'test:started', 'test:logged'], found
    assert [c.message for c in found.operator_comments] == ['by the client', 'by a future', 'by the robot'], found
    assert found.events[0].description == 'once' and found.events[0].id, found.events[0]
    logged = found.events[2]
    assert logged.source == 'stock' and [p.label for p in logged.parameters] == ['count', 'speed', 'on', 'name'], logged
    assert logged.parameters[1].float_value == 1.5 and logged.parameters[1].units == 'm/s', logged
    assert not found.events_limited and not found.operator_comments_limited
    assert not ask(comments=True).events and not ask(events=any_event).operator_comments
    in_range = ask(old, events=any_event, comments=True)
    assert len(in_range.events) == 2 and len(in_range.operator_comments) == 2, in_range
    newest = ask(events=any_event, comments=True, max_events=1, max_comments=2)
    assert [e.type for e in newest.events] == ['test:logged'] and newest.events_limited, newest
    assert len(newest.operator_comments) == 2 and newest.operator_comments_limited, newest
    level = data_index_pb2.EventSpec(level=wrappers_pb2.Int32Value(value=4))
    assert [e.type for e in ask(events=[level]).events] == ['test:logged']
    typed = data_index_pb2.EventSpec(type='test:started', source='arm')
    assert len(ask(events=[typed]).events) == 2 and len(ask(events=[typed, level]).events) == 3
    kept = data_index_pb2.EventSpec(log_preserve_hint=data_buffer_pb2.Event.LOG_PRESERVE_HINT_PRESERVE)
    assert [e.type for e in ask(events=[kept]).events] == ['test:logged']
    asked = data_index_pb2.EventsCommentsSpec(comments=True)
    assert len(data.get_events_comments_async(asked, timeout=PATIENCE).result().events_comments.operator_comments) == 3
    backwards = time_range_pb2.TimeRange(start=stamp(2), end=stamp(1))
    must_raise(InvalidRequestError, lambda: ask(backwards, comments=True), 'exchange')

    pages = data.get_data_pages(everything, timeout=PATIENCE).pages
    ids = {page.id for page in pages}
    assert ids <= {page.id for page in data.get_data_pages_async(None, timeout=PATIENCE).result().pages}
    assert all(p.id and p.path and p.total_bytes and p.num_ticks and p.time_range.HasField('start') for p in pages), pages
    assert [p.format for p in pages] == [1] * len(pages) and [p.compression for p in pages] == [1] * len(pages)
    assert [p.request_preserve for p in pages].count(True) == 1, pages
    start_only = time_range_pb2.TimeRange(start=stamp(int(time.time()) + 3600))
    assert not data.get_data_pages(start_only, timeout=PATIENCE).pages

    asked = data_index_pb2.DataQuery(
        blobs=[data_index_pb2.BlobSpec(channel='camera'), data_index_pb2.BlobSpec(channel_glob='cam*'),
               data_index_pb2.BlobSpec(channel='nothing'), data_index_pb2.BlobSpec()],
        text_messages=True, events=True, comments=True)
    index = data.get_data_index(asked, timeout=PATIENCE).data_index
    assert [len(b.pages) for b in index.blobs][:3] == [1, 1, 0] and len(index.blobs[3].pages) == 5, index
    assert index.blobs[0].pages[0].spec.channel == 'camera', index
    assert index.blobs[0].pages[0].spec.source.startswith('stock'), index
    assert index.text_messages.pages and index.events.pages and index.comments.pages, index
    less = data_index_pb2.DataQuery(events=True)
    index = data.get_data_index_async(less, timeout=PATIENCE).result().data_index
    assert not index.blobs and index.HasField('events') and not index.HasField('comments'), index
    assert not index.HasField('text_messages'), index


def delete():
    data = synced().ensure_client(DataServiceClient.default_service_name)
    pages = data.get_data_pages(time_range_pb2.TimeRange(), timeout=PATIENCE).pages
    first = pages[0].id
    gone = data.delete_data_pages(None, [first, 'nonsense', '999999'], timeout=PATIENCE)
    assert gone.bytes_deleted > 0, gone
    assert {s.page_id: s.status for s in gone.status} == {first: 1, 'nonsense': 3, '000000999999': 3}, gone
    left = data.get_data_pages(None, timeout=PATIENCE).pages
    assert {p.id for p in pages} - {p.id for p in left} == {first}, left
    nothing = data.delete_data_pages_async(None, [], timeout=PATIENCE).result()
    assert not nothing.status and nothing.bytes_deleted == 0, nothing
    everything = data.delete_data_pages(time_range_pb2.TimeRange(start=stamp(1)), [], timeout=PATIENCE)
    assert {p.id for p in left} <= {s.page_id for s in everything.status}, everything
    assert all(s.status == 1 for s in everything.status), everything
    again = {p.id for p in data.get_data_pages(None, timeout=PATIENCE).pages}
    assert not again & {p.id for p in left}, again


def expired():
    made = synced()
    buffer = made.ensure_client(DataBufferClient.default_service_name)
    buffer.add_operator_comment('before', timeout=PATIENCE)
    print('READY', flush=True)
    sys.stdin.readline()
    must_raise(UnauthenticatedError, lambda: buffer.add_operator_comment('after', timeout=PATIENCE))
    must_raise(InvalidTokenError, lambda: made.ensure_client('auth').auth_with_token(made.user_token, timeout=PATIENCE))
    made.authenticate(USER, PASSWORD, timeout=PATIENCE)
    buffer.add_operator_comment('again', timeout=PATIENCE)


def lockout():
    made = robot(log_in=False)
    for _ in range(6):
        must_raise((InvalidLoginError, TemporarilyLockedOutError),
                   lambda: made.authenticate(USER, 'wrong', timeout=PATIENCE))
    must_raise(TemporarilyLockedOutError, lambda: made.authenticate(USER, PASSWORD, timeout=PATIENCE))


def large():
    made = synced()
    buffer = made.ensure_client(DataBufferClient.default_service_name)
    largest = 104857600 - 1024
    assert not buffer.add_blob(b'\x01' * largest, 'large', 'large', stamp(5), timeout=PATIENCE).errors
    with open(TRUST, 'rb') as pem:
        credentials = grpc.ssl_channel_credentials(pem.read())
    options = [('grpc.ssl_target_name_override', 'data-buffer.spot.robot'), ('grpc.max_send_message_length', -1)]
    with grpc.secure_channel('127.0.0.1:%d' % PORT, credentials, options) as channel:
        stub = data_buffer_service_pb2_grpc.DataBufferServiceStub(channel)
        asked = data_buffer_pb2.RecordDataBlobsRequest(
            blob_data=[data_buffer_pb2.DataBlob(type_id='large', data=bytes(105 << 20))])
        refused = must_raise(grpc.RpcError, lambda: stub.RecordDataBlobs(
            asked, timeout=PATIENCE, metadata=[('authorization', 'Bearer ' + made.user_token)]))
        # The stream is reset behind the status, and the client may notice the reset first.
        assert refused.code() in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.CANCELLED), refused


def malformed():
    made = synced()
    with open(TRUST, 'rb') as pem:
        credentials = grpc.ssl_channel_credentials(pem.read())
    options = [('grpc.ssl_target_name_override', 'data-buffer.spot.robot')]
    right = [('authorization', 'Bearer ' + made.user_token)]
    with grpc.secure_channel('127.0.0.1:%d' % PORT, credentials, options) as channel:
        def call(method, body, metadata=right):
            return channel.unary_unary(method)(body, timeout=PATIENCE, metadata=metadata)

        record_blobs = '/bosdyn.api.DataBufferService/RecordDataBlobs'
        broken = must_raise(grpc.RpcError, lambda: call(record_blobs, b'\xff\xff\xff'))
        assert broken.code() == grpc.StatusCode.INVALID_ARGUMENT, broken
        assert 'bosdyn.api.RecordDataBlobsRequest' in broken.details(), broken
        unknown = must_raise(grpc.RpcError, lambda: call('/bosdyn.api.DataBufferService/Nothing', b''))
        assert unknown.code() == grpc.StatusCode.UNIMPLEMENTED, unknown
        for metadata in ([], [('authorization', 'Bearer None')], [('authorization', 'Basic x')]):
            refused = must_raise(grpc.RpcError, lambda: call(record_blobs, b'', metadata))
            assert refused.code() == grpc.StatusCode.UNAUTHENTICATED, refused
        assert call(record_blobs, b'')


def stranger():
    with open(TRUST, 'rb') as pem:
        credentials = grpc.ssl_channel_credentials(pem.read())
    options = [('grpc.ssl_target_name_override', 'auth.spot.robot')]
    with grpc.secure_channel('127.0.0.1:%d' % PORT, credentials, options) as channel:
        stub = auth_service_pb2_grpc.AuthServiceStub(channel)
        refused = must_raise(grpc.RpcError, lambda: stub.GetAuthToken(
            auth_pb2.GetAuthTokenRequest(username=USER, password='x' * (1 << 20)), timeout=PATIENCE))
        assert refused.code() in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.CANCELLED), refused
        answered = stub.GetAuthToken(
            auth_pb2.GetAuthTokenRequest(username=USER, password=PASSWORD), timeout=PATIENCE)
        assert answered.token, answered


def captures():
    made = synced()
    store = made.ensure_client(DataAcquisitionStoreClient.default_service_name)
    assert store.query_max_capture_id(timeout=PATIENCE) == 0
    assert store.query_max_capture_id_async(timeout=PATIENCE).result() == 0
    action = dac.CaptureActionId(action_name='inspect', group_name='tour', timestamp=stamp(2000))

    def named(channel, data_name=''):
        return dac.DataIdentifier(action_id=action, channel=channel, data_name=data_name)

    picture = image_pb2.ImageCapture(image=image_pb2.Image(cols=2, rows=1, data=b'jpeg', format=image_pb2.Image.FORMAT_JPEG),
                                     frame_name_image_sensor='eye')
    text = dac.AssociatedMetadata(reference_id=dac.DataIdentifier(action_id=action))
    text.metadata.data.update({'weather': 'wet'})
    alert = dac.AssociatedAlertData(reference_id=named('thermal'))
    alert.alert_data.title = 'hot'
    alert.alert_data.severity = alerts_pb2.AlertData.SEVERITY_LEVEL_ERROR
    first = store.store_image(picture, named('camera'), timeout=PATIENCE).id
    ids = [first, store.store_image_async(picture, named('camera', 'b'), timeout=PATIENCE).result().id,
           store.store_metadata(text, named('notes'), timeout=PATIENCE).id,
           store.store_metadata_async(text, named('notes', 'b'), timeout=PATIENCE).result().id,
           store.store_alertdata(alert, named('thermal'), timeout=PATIENCE).id,
           store.store_alertdata_async(alert, named('thermal', 'b'), timeout=PATIENCE).result().id,
           store.store_data(b'one', named('gas'), '.csv', timeout=PATIENCE).id,
           store.store_data_async(b'two', named('gas', 'b'), '.csv', timeout=PATIENCE).result().id]
    large = bytes(range(256)) * 4096
    ids.append(store.store_data_as_chunks(large, named('video'), '.mp4', timeout=PATIENCE).id)
    ids.append(store.store_data_as_chunks_async(large, named('video', 'b'), '.mp4', timeout=PATIENCE).result().id)
    with tempfile.NamedTemporaryFile() as file:
        file.write(large)
        file.flush()
        ids.append(store.store_file(file.name, named('video', 'c'), '.mp4', timeout=PATIENCE).id)
        ids.append(store.store_file_async(file.name, named('video', 'd'), '.mp4', timeout=PATIENCE).result().id)
    assert ids == sorted(set(ids)) and ids[0] > 0, ids
    assert store.query_max_capture_id(timeout=PATIENCE) == ids[-1]

    asked = dac_store.DataQueryParams(time_range=dac_store.TimeRangeQuery(from_timestamp=stamp(1999), to_timestamp=stamp(2001)))
    late = dac_store.DataQueryParams(time_range=dac_store.TimeRangeQuery(from_timestamp=stamp(2001)))
    by_action = dac_store.DataQueryParams(action_ids=dac_store.ActionIdQuery(action_ids=[action]))
    assert store.list_capture_actions(asked, timeout=PATIENCE) == [action]
    assert store.list_capture_actions_async(late, timeout=PATIENCE).result() == []
    for kind, count in (('images', 2), ('metadata', 2), ('alertdata', 2), ('data', 6)):
        listed = getattr(store, 'list_stored_' + kind)
        assert len(listed(asked, timeout=PATIENCE)) == count, kind
        assert len(listed(by_action, timeout=PATIENCE)) == count, kind
        assert not getattr(store, 'list_stored_%s_async' % kind)(late, timeout=PATIENCE).result(), kind

    found = store.query_stored_captures(dac_store.QueryParameters(), timeout=PATIENCE)
    assert [r.data_id.id for r in found.results] == ids[:8], found
    assert found.results[0].image == picture, found.results[0]
    assert found.results[2].metadata == text and found.results[4].alert_data == alert, found
    assert found.results[6].data.data == b'one' and found.results[6].data.file_extension == '.csv', found
    assert list(found.action_ids) == [action] and found.max_capture_id == ids[-1], found
    more = dac_store.QueryParameters(captures_from_id=ids[5] + 1, include_large=True, include_data=True)
    found = store.query_stored_captures_async(more, timeout=PATIENCE).result()
    pieces = [r.large_data for r in found.results if r.HasField('large_data')]
    assert [p.chunk.data for p in pieces] == [large] * 4 and pieces[0].file_extension == '.mp4', len(found.results)
    rest = dac_store.QueryParameters(captures_from_id=ids[-1] + 1, include_large=True)
    assert not store.query_stored_captures(rest, timeout=PATIENCE).results
    must_raise(InvalidRequestError, lambda: store.store_data(b'', dac.DataIdentifier(), timeout=PATIENCE), 'action_name')

    now = int(time.time())
    recent = dac_store.DataQueryParams(time_range=dac_store.TimeRangeQuery(from_timestamp=stamp(now - 3600), to_timestamp=stamp(now + 60)))
    folder = tempfile.mkdtemp(dir=sys.argv[4])
    assert download_data_REST(recent, '127.0.0.1:%d' % PORT, made.user_token, folder)
    with zipfile.ZipFile(folder + '/REST/daq-data.zip') as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read('manifest.json'))
        assert manifest['captures'] == 12, manifest
        for row in manifest['files']:
            data = archive.read(row['name'])
            assert len(data) == row['bytes'] and hashlib.sha256(data).hexdigest() == row['sha256'], row
        assert archive.read('000006-inspect_gas.csv') == b'one', archive.namelist()


globals()[SCENARIO]()
print('DONE', SCENARIO)
