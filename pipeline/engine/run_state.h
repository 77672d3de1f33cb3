/* The inside of a run, shared by the files of the engine and by nobody else.
 *
 *   run      feeds[]: the inputs that are open, in input order; free morsels; books
 *   feed     one input: its cutter, its morsels that are not committed yet, its partials so far
 *   morsel   up to CP_MORSEL_BLOCKS pieces of one feed, and all that came of them
 *
 * Everything that a job leaves unfinished lies in the morsel, so a thread never waits while it
 * holds one: it puts it back and looks for other work. One mutex guards who works on what
 * (`owned`, `reading`, `committing`, the lists and counts); what a thread owns it touches without
 * the lock. */
#ifndef CP_ENGINE_RUN_STATE_H
#define CP_ENGINE_RUN_STATE_H

#include "pipeline/core/group.h"
#include "pipeline/engine/cutter.h"
#include "pipeline/engine/input_name.h"
#include "pipeline/engine/run.h"
#include "pipeline/io/output.h"
#include "pipeline/io/parts.h"

#include <pthread.h>

enum {
    /* Fixed: results are bit-identical only for the same morsels. With one block each, the thread
     * that reads a block decodes it too, while it lies in that core's cache. */
    CP_MORSEL_BLOCKS = 1,
    CP_FEEDS_MAX = 3,  /* inputs that are read side by side */
    CP_LANES_MAX = 16, /* formats in one run */
    CP_SPOOL_CHUNKS_MAX = 4,
};

/* What one format needs in this run; made when the first input of the format is met. */
typedef struct cp_lane {
    const cp_format_type *type;
    cp_format *plan;
} cp_lane;

/* One thread's own. */
typedef struct cp_worker {
    cp_run *run;
    cp_batch batch;
    cp_batch columns;       /* what is written of it: other columns, the same arrays; rows.c */
    cp_scratch **scratches; /* of the MAP stages; NULL: not opened yet */
    cp_decoder *decoders[CP_LANES_MAX]; /* by lane; opened when first needed */
    cp_partial **partials;              /* empty, and in this core's cache; NULL: none */
} cp_worker;

/* A block to decode, or the end of a record that the splitter passed over. */
typedef struct cp_piece {
    bool is_skip;
    cp_block block;
    cp_cut cut;      /* of a skip */
    uint64_t offset; /* of the skipped bytes */
} cp_piece;

/* Counts of the morsel's decoded pieces. */
typedef struct cp_tally {
    uint64_t records, lines, accepted, filtered;
} cp_tally;

typedef struct cp_morsel {
    struct cp_feed *feed;
    struct cp_morsel *next; /* in its feed, or in the free list */
    cp_piece pieces[CP_MORSEL_BLOCKS];
    unsigned filled, decoded; /* pieces cut, pieces done */
    cp_cursor cursor;         /* in piece number `decoded` */
    bool started;             /* with decoding */
    bool owned;               /* a thread is at it */
    bool closed;              /* no piece will be added */
    bool parked;              /* its rejects or rows must be committed before it can go on */
    cp_tally tally;
    /* Rejects that wait for commit: records and lines from the morsel's start, offsets absolute. */
    cp_rejects *spool[CP_SPOOL_CHUNKS_MAX];
    size_t spool_count;
    cp_partial **partials; /* one for each stage */
    cp_slab *slab;         /* accepted rows that wait for commit; NULL: none */
    cp_rc rc;              /* why decoding failed */
    cp_error err;
} cp_morsel;

typedef struct cp_feed {
    cp_input_name name;
    uint64_t stored_bytes; /* read so far */
    cp_intake intake;
    cp_cutter cutter;
    size_t lane;
    bool is_open;       /* there is something to cut */
    bool reading;       /* a thread is at intake and cutter */
    unsigned unpacking; /* threads at frames of the intake that are ahead of its reader */
    bool committing;    /* a thread is at the first morsel's results and the partials */
    bool ended;         /* nothing more to cut: `rc` says why */
    cp_rc rc;
    cp_error err;
    cp_morsel *first, *last; /* not committed yet, in order */
    cp_partial **partials;   /* of what is committed */
    uint64_t records, lines; /* likewise */
} cp_feed;

/* A group on its way into the output; rows.c. */
typedef struct cp_pack {
    struct cp_pack *next; /* in line */
    cp_group group;
    bool owned;          /* a thread encodes it */
    cp_encoded *encoded; /* NULL: not yet */
    cp_rc rc;            /* why encoding failed */
    cp_error err;
} cp_pack;

typedef struct cp_rows {
    const cp_format_type *format; /* of the first input; NULL: there is none, and none was said */
    const cp_schema *schema;      /* of what is written */
    cp_schema *projected;         /* owned; NULL: the run's schema */
    size_t *fields;    /* of the run's schema, for each of the projected; NULL likewise */
    cp_sink *sink;     /* NULL: no rows are written */
    cp_output *out;    /* where it is one file */
    cp_parts *parts;   /* else */
    cp_writer *writer; /* of the file, or of the part that is being written; NULL: none is */
    cp_slab_pool *slabs;
    cp_slab *sparse;     /* committed, too few rows to be worth a slice; NULL: none */
    cp_slab *slab;       /* committed, not all in groups; NULL: none */
    uint32_t slab_taken; /* rows of it that are */
    cp_pack *filling;    /* NULL: the next row begins one */
    cp_pack *first, *last;
    size_t pack_count;   /* those in line and the one that fills */
    uint64_t held_bytes; /* values that are not encoded, and what became of others */
    cp_encoder *encoders[CP_THREADS_MAX]; /* those that nobody uses */
    size_t encoder_count;
    bool appending; /* a thread is at the output */
    uint64_t limit; /* of rows: as in the options, or less; UINT64_MAX: none */
    uint64_t put;   /* rows of all slabs so far */
    uint64_t written;
} cp_rows;

struct cp_run {
    const cp_run_options *options;
    size_t thread_count;
    cp_pool *pool;       /* record buffers */
    cp_pool *codec_pool; /* bytes as they are stored; may be `pool` */
    cp_room frames_room;
    cp_schema *schema;
    cp_schema *inferred; /* owned; NULL where the schema was given */
    /* Of the first input that names fields, but has no record; owned; NULL: none so far. */
    cp_schema *fallback;
    const cp_format_type *fallback_format;
    cp_lane lanes[CP_LANES_MAX];
    bool bound;

    pthread_mutex_t lock;
    pthread_cond_t changed;       /* anything below changed */
    cp_feed *feeds[CP_FEEDS_MAX]; /* in input order; feeds[0] is the one that commits rejects */
    size_t feed_count;
    size_t next_path;    /* the first that has not been opened */
    bool opening;        /* a thread opens an input, or is at the archive */
    cp_archive *archive; /* whose members are the next inputs; NULL: none is open */
    const char *archive_path;
    cp_feed *archive_feed;   /* its newest member while that is being read */
    size_t archive_members;  /* opened so far */
    cp_morsel *free_morsels; /* used in turn, so that a long run has touched them all */
    cp_morsel *free_morsels_last;
    size_t morsel_count;    /* made so far */
    size_t pending_pieces;  /* cut, not decoded */
    size_t in_flight_bytes; /* of blocks that are not committed */
    bool reserved;          /* the pool has all the buffers that a long run may need */
    bool stopped;           /* the first error in input order has been found, or all is done */
    cp_rc rc;
    cp_error err;

    cp_partial **partials;    /* over the whole run */
    cp_schema **rows_schemas; /* of the stages' results */
    cp_rows rows;
    cp_output *rejects_out;
    cp_books books;
    cp_input_result *inputs; /* of feeds that are committed; the paths are owned */
    size_t input_count, input_capacity;
    uint64_t stored_bytes; /* of those, for the progress */
};

/* prepare.c: what depends on the schema. Serial, before any thread starts, but for the lanes,
 * which belong to the thread that opens an input. */
/* Learns the schema from the input, unless it is known. *learned false: the input, which is read
 * to its end then, has no record to learn from; the next one may have. */
cp_rc cp_run_learn(cp_run *run, cp_intake *intake, bool *learned, cp_error *err);
/* `intake` NULL: there is no input with a record. */
cp_rc cp_run_bind(cp_run *run, const cp_intake *intake, cp_error *err);
cp_rc cp_run_lane(cp_run *run, const cp_format_type *type, size_t *lane, cp_error *err);
cp_rc cp_scratches_open(const cp_run *run, cp_scratch ***out, cp_error *err);
void cp_scratches_close(const cp_run *run, cp_scratch **scratches);
cp_rc cp_partials_open(const cp_run *run, cp_partial ***out, cp_error *err);
cp_rc cp_partials_combine(const cp_run *run, cp_partial **into, cp_partial **from, cp_error *err);
void cp_partials_close(const cp_run *run, cp_partial **partials);

/* schedule.c: what a thread should do next. The lock is held. */
size_t cp_morsels_max(const cp_run *run);
/* For frames that wait, of all inputs, with what unpacks them: what the blocks in flight leave of
 * the memory that both share. */
size_t cp_frames_room_bytes(const cp_run *run);
typedef enum cp_job_kind {
    CP_JOB_NONE,
    CP_JOB_OPEN,
    CP_JOB_SPLIT,
    CP_JOB_DECODE,
    CP_JOB_UNPACK,
    CP_JOB_ENCODE
} cp_job_kind;
typedef struct cp_job {
    cp_job_kind kind;
    cp_feed *feed;
    cp_morsel *morsel;
    cp_pack *pack;
} cp_job;
cp_job cp_job_choose(cp_run *run);

/* feed.c: the serial end of an input, and the frames ahead of it. The lock is held at call and
 * return, not between. */
void cp_feed_open_next(cp_run *run);
void cp_feed_split(cp_run *run, cp_feed *feed);
void cp_feed_unpack(cp_run *run, cp_feed *feed);
void cp_feed_free(cp_run *run, cp_feed *feed);

/* morsel.c: as above. */
void cp_morsel_decode(cp_worker *worker, cp_morsel *morsel);
/* Empty partials go to and fro between morsel and worker, so that each core folds into those that
 * it has just emptied. All are used soon, so that a long run needs no more memory than a short
 * one. */
void cp_morsel_swap_partials(cp_morsel *morsel, cp_worker *worker);
cp_morsel *cp_morsel_take(cp_run *run);                 /* a free or a new one; NULL: no memory */
void cp_morsel_release(cp_run *run, cp_morsel *morsel); /* to the end of the free list */
void cp_morsel_free(const cp_run *run, cp_morsel *morsel);
/* CP_E_DATA where a mapped file has shrunk and bytes of the piece at hand, or of one before it,
 * were read as zeros. */
cp_rc cp_morsel_check_lost(const cp_morsel *morsel, cp_error *err);
void cp_worker_close(cp_worker *worker);

/* rows.c: serial before any thread starts (open, bind) and after all have ended (publish, close);
 * the others as above. */
cp_rc cp_rows_open(cp_run *run, cp_error *err);
cp_rc cp_rows_bind(cp_run *run, cp_error *err);
/* The selected rows of the worker's batch onto the morsel's slab, if there are any. */
cp_rc cp_rows_keep(cp_worker *worker, cp_morsel *morsel, cp_error *err);
void cp_rows_put(cp_run *run, cp_slab *slab); /* owned from here on; there is no other */
/* Whether the limit is reached with the rows that a morsel has gathered. */
bool cp_rows_enough(const cp_run *run, const cp_morsel *morsel);
bool cp_rows_flush(cp_run *run);   /* no slab will come: was one kept back? it can be cut now */
bool cp_rows_step(cp_run *run);    /* cuts or appends; false: nothing could be done */
bool cp_rows_drained(cp_run *run); /* no slab will come: is everything appended? */
cp_pack *cp_rows_waiting(const cp_run *run); /* to be encoded; NULL: none */
void cp_rows_encode(cp_run *run, cp_pack *pack);
cp_rc cp_rows_publish(cp_run *run, cp_error *err); /* CP_E_BUG where rows are missing */
void cp_rows_close(cp_run *run);

/* commit.c: as above. Whatever can be committed now, in input order. */
void cp_commit(cp_worker *worker);
/* Ends the run: with an error, unless an earlier one stands, or (CP_OK) because all is done. */
void cp_run_stop(cp_run *run, cp_rc rc, const cp_error *err);
/* The lock is not held; the caller owns the morsel, the first of the first feed. */
cp_rc cp_commit_spool(cp_run *run, cp_morsel *morsel, cp_error *err);
/* The lock is held, and cp_commits. */
void cp_commit_slab(cp_run *run, cp_morsel *morsel);

/* First in input order, and there is nobody else's slab to be cut: what the morsel has gathered so
 * far can be committed. */
static inline bool cp_commits(const cp_run *run, const cp_morsel *morsel)
{
    return run->feeds[0] == morsel->feed && morsel->feed->first == morsel && !run->rows.slab;
}

#endif
