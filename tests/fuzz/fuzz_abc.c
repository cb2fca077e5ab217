/* Any bytes: read as one line of notes without overlaps, or refused at a line and column of the text. */
#include "abc/abc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int truth)
{
    if (!truth) {
        abort();
    }
}

static void try_read(const uint8_t *data, size_t size, bool is_snippet)
{
    estro_diag diag = {0};
    es_abc abc;
    es_tick end = 0;
    const estro_status status =
        es_abc_read(&abc, (const char *)data, size, "fuzz", is_snippet, &diag);

    if (status != ESTRO_OK) {
        demand(status == ESTRO_ERR_SYNTAX && diag.text[0] && !abc.notes);
        return;
    }
    demand(abc.n_notes > 0 && abc.length % es_meter_bar(abc.meter) == 0);
    for (size_t i = 0; i < abc.n_notes; i++) {
        const es_note *note = &abc.notes[i];
        demand(note->start >= end && note->duration > 0 && note->key < 128);
        end = note->start + note->duration;
    }
    demand(end <= abc.length);
    es_abc_done(&abc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_read(data, size, false);
    try_read(data, size, true);
    return 0;
}
