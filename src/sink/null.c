/*
 * Nowhere: for measuring, and for trying whether a piece can be made.
 */
#include "sink/sink.h"

static estro_status null_write(void *self, const estro_message *message, estro_diag *diag)
{
    (void)self;
    (void)message;
    (void)diag;
    return ESTRO_OK;
}

static estro_status null_close(void *self, bool commit, estro_diag *diag)
{
    (void)self;
    (void)commit;
    (void)diag;
    return ESTRO_OK;
}

static const estro_sink_ops null_ops = {
    .abi = ESTRO_SINK_ABI,
    .name = "null",
    .is_live = false,
    .write = null_write,
    .panic = NULL,
    .close = null_close,
};

estro_status es_null_sink_open(const estro_sink_ops **ops, void **self, const char *target,
                               const estro_sink_options *options, estro_diag *diag)
{
    (void)target;
    (void)options;
    (void)diag;
    *ops = &null_ops;
    *self = NULL;
    return ESTRO_OK;
}
