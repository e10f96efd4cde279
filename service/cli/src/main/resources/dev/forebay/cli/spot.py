"""What the stock Spot SDK does with the log of a demonstration: record TEXT, query, or download FILE."""
import logging, sys, time
import bosdyn.client
from bosdyn.api import data_index_pb2
from bosdyn.client.bddf_download import download_data

robot = bosdyn.client.create_standard_sdk('demo', cert_resource_glob='@AUTHORITY@').create_robot('127.0.0.1')
robot.update_secure_channel_port(@PORT@)
with open('@PASSWORD_FILE@') as file:
    robot.authenticate('@USER@', file.read().strip(), timeout=60)
robot.time_sync.wait_for_sync(timeout_sec=60)

if sys.argv[1] == 'record':
    robot.operator_comment(sys.argv[2], timeout=60)
    robot.ensure_client('data-buffer').add_blob(b'21.5', 'text/plain', channel='temperature', write_sync=True, timeout=60)
elif sys.argv[1] == 'query':
    asked = data_index_pb2.EventsCommentsSpec(events=[data_index_pb2.EventSpec()], comments=True)
    found = robot.ensure_client('data').get_events_comments(asked, timeout=60).events_comments
    for each in list(found.events) + list(found.operator_comments):
        print(str(each).replace('\n', ' '))
elif sys.argv[1] == 'download':
    now = time.time_ns()
    print(download_data(robot, '127.0.0.1:@PORT@', now - 30 * 60 * 10**9, now, output_filename=sys.argv[2]))
