-- Where the blocks of complete buffers begin that do not say it themselves, as the stream library keeps it: 64 KiB at most.
-- A hint: a reader checks it against the buffer, and measures anew what does not fit.
create table buffer_layouts (
    buffer_id varchar(63) not null primary key references buffers (id) on delete cascade,
    layout    ${bytes}    not null
);
