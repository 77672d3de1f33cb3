/* filter: a bound condition (pipeline/expr) as a stage. */
#include "stages/filter.h"

#include "pipeline/core/checked.h"

static const cp_stage_type filter_type;

typedef struct filter_stage {
    cp_stage base;
    const cp_expr *condition;
    cp_filter *filter;
} filter_stage;

typedef struct filter_scratch {
    cp_scratch base;
    cp_filter_scratch *registers;
} filter_scratch;

static cp_rc filter_bind(cp_stage *stage, cp_schema *in, cp_schema *out, cp_error *err)
{
    filter_stage *self = (filter_stage *)stage;
    (void)out;
    return cp_filter_bind(self->condition, in, &self->filter, err);
}

static void filter_scratch_close(cp_scratch *scratch)
{
    filter_scratch *self = (filter_scratch *)scratch;
    if (!self)
        return;
    cp_filter_scratch_close(self->registers);
    free(self);
}

static cp_rc filter_scratch_open(const cp_stage *stage, cp_scratch **out, cp_error *err)
{
    filter_scratch *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &filter_type;
    rc = cp_filter_scratch_open(((const filter_stage *)stage)->filter, &self->registers, err);
    if (rc)
        filter_scratch_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

static cp_rc filter_map(const cp_stage *stage, cp_scratch *scratch, cp_batch *batch, cp_error *err)
{
    const filter_stage *self = (const filter_stage *)stage;
    return cp_filter_apply(self->filter, ((filter_scratch *)scratch)->registers, batch, err);
}

static void filter_close(cp_stage *stage)
{
    filter_stage *self = (filter_stage *)stage;
    if (!self)
        return;
    cp_filter_free(self->filter);
    free(self);
}

static const cp_stage_type filter_type = {
    .name = "filter",
    .kind = CP_STAGE_MAP,
    .bind = filter_bind,
    .scratch_open = filter_scratch_open,
    .scratch_close = filter_scratch_close,
    .map = filter_map,
    .close = filter_close,
};

cp_rc cp_filter_stage_open(const cp_expr *condition, cp_stage **out, cp_error *err)
{
    filter_stage *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &filter_type;
    self->condition = condition;
    *out = &self->base;
    return CP_OK;
}
