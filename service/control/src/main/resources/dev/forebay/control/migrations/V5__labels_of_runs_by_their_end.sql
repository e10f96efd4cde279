-- A label repeats the end of its run, so that the runs of one label that ended within a time are read from one index.
alter table run_labels add column finished_at bigint;

update run_labels set finished_at = (select r.finished_at from runs r where r.id = run_labels.run_id);

create index run_labels_by_end on run_labels (label_key, label_value, status, finished_at, run_id)
    where finished_at is not null;

-- With the age as well, so that a search for both times reads nothing else.
drop index runs_by_end;
create index runs_by_end on runs (status, finished_at, id, created_at) where finished_at is not null;
