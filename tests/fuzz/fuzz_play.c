/* Any bytes: what is read as a MIDI file plays: messages in order of time, one end, and nothing left sounding. */
#include "base/mem.h"
#include "play/source.h"
#include "sched/ledger.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_MESSAGES = 100000, MESSAGES_BEFORE_FINISH = 50 };

static void demand(int truth)
{
    if (!truth) {
        abort();
    }
}

static bool is_sounding(const es_ledger *ledger)
{
    uint64_t all = 0;

    for (int channel = 0; channel < 16; channel++) {
        all |= ledger->sounds[channel][0] | ledger->sounds[channel][1];
    }
    return all != 0;
}

/* A file may name an end years away, and its clock would tick until then: enough is enough. */
static void play(estro_source *source, bool finishes)
{
    es_ledger ledger = {0};
    es_cue cue = {0};
    uint64_t last_ns = 0;
    int64_t last_tick = 0;
    estro_status status = ESTRO_OK;
    int count;

    for (count = 0; count < MOST_MESSAGES; count++) {
        status = es_source_next(source, &cue, NULL);
        if (status != ESTRO_OK) {
            break;
        }
        demand(cue.message.time_ns >= last_ns && cue.message.tick >= last_tick);
        demand(cue.message.kind != ESTRO_MIDI ||
               (cue.message.data[0] >= 0x80 && cue.message.size >= 1 && cue.message.size <= 3));
        demand(cue.message.data[1] < 128 || cue.message.kind != ESTRO_MIDI);
        last_ns = cue.message.time_ns;
        last_tick = cue.message.tick;
        es_ledger_see(&ledger, &cue.message);
        if (finishes && count == MESSAGES_BEFORE_FINISH) {
            es_source_finish(source);
        }
    }
    if (count < MOST_MESSAGES) {
        demand(status == ESTRO_END && cue.message.kind == ESTRO_FINISH && !is_sounding(&ledger));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int way = 0; way < 4; way++) {
        uint8_t *const bytes = es_calloc(size + 1, 1);
        estro_source *source = NULL;
        if (size > 0) {
            memcpy(bytes, data, size);
        }
        if (es_source_bytes(&source, bytes, size, "fuzz", NULL) != ESTRO_OK) {
            return 0;
        }
        if (way & 1) {
            es_source_clock(source);
        }
        play(source, way & 2);
        es_source_free(source);
    }
    return 0;
}
