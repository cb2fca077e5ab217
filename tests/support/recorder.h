/*
 * A sink for tests: it writes down what it gets, a line a message, counts what sounds, and fails when told to.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include "base/diag.h"
#include "sched/ledger.h"
#include "sink/sink.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct recorder {
    char *text; /* lines */
    size_t size, capacity;
    size_t n_messages;
    size_t fails_at; /* this message fails; 0 = none */
    estro_status failure;
    bool without_time; /* leave out times */
    int panics;
    es_ledger ledger;
    estro_message last;
    void (*seen)(void *self, const estro_message *message); /* called for each; may be NULL */
    void *seen_self;
} recorder;

static inline int recorder_sounding(const recorder *r)
{
    int count = 0;

    for (int c = 0; c < 16; c++) {
        for (int half = 0; half < 2; half++) {
            for (uint64_t bits = r->ledger.sounds[c][half]; bits; bits &= bits - 1) {
                count++;
            }
        }
    }
    return count;
}

static inline estro_status recorder_write(void *self, const estro_message *m, estro_diag *diag)
{
    recorder *const r = self;
    char line[700];

    r->n_messages++;
    if (r->fails_at && r->n_messages >= r->fails_at) {
        return es_fail(diag, r->failure, "the recorder fails");
    }
    int length = snprintf(line, sizeof line, "%lld %llu %d:%u %02x %02x %02x %u %.500s\n",
                          r->without_time ? 0 : (long long)m->tick,
                          r->without_time ? 0 : (unsigned long long)m->time_ns, m->kind, m->track,
                          m->data[0], m->data[1], m->data[2], m->value, m->text ? m->text : "");
    while (r->size + (size_t)length + 1 > r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 4096;
        r->text = realloc(r->text, r->capacity);
    }
    memcpy(r->text + r->size, line, (size_t)length + 1);
    r->size += (size_t)length;
    es_ledger_see(&r->ledger, m);
    r->last = *m;
    r->last.text = NULL;
    if (r->seen) {
        r->seen(r->seen_self, m);
    }
    return ESTRO_OK;
}

static inline void recorder_panic(void *self)
{
    ((recorder *)self)->panics++;
}

static inline estro_status recorder_close(void *self, bool commit, estro_diag *diag)
{
    (void)self;
    (void)commit;
    (void)diag;
    return ESTRO_OK;
}

static const estro_sink_ops recorder_live = {ESTRO_SINK_ABI, "recorder",     true,
                                             recorder_write, recorder_panic, recorder_close};
static const estro_sink_ops recorder_offline = {ESTRO_SINK_ABI, "recorder",     false,
                                                recorder_write, recorder_panic, recorder_close};

#endif
