/*
 * Notes of a line, in order of time. Look-ups search from the end, where they nearly always hit.
 */
#include "gen/track.h"

bool es_track_strike(es_track *track, es_tick tick, int pitch, int accent, uint16_t marks)
{
    es_track_close(track, tick);
    if (!es_grow(&track->notes, track->count, &track->capacity, sizeof *track->notes)) {
        return false;
    }
    track->notes[track->count++] =
        (es_track_note){tick, ES_OPEN_END, (int16_t)pitch, (int8_t)accent, marks};
    return true;
}

void es_track_close(es_track *track, es_tick tick)
{
    if (track->count > 0 && track->notes[track->count - 1].end == ES_OPEN_END) {
        track->notes[track->count - 1].end = tick;
    }
}

int es_track_find(const es_track *track, es_tick tick)
{
    size_t at = track->count;

    while (at > 0 && track->notes[at - 1].start > tick) {
        at--;
    }
    return (int)at - 1;
}

es_sound es_track_at(const es_track *track, es_tick tick)
{
    es_sound sound = {.before = ES_SILENT, .now = ES_SILENT};
    const int at = es_track_find(track, tick);

    if (at < 0) {
        sound.before = track->entry;
        return sound;
    }
    const es_track_note *note = &track->notes[at];
    if (note->end > tick) {
        sound.now = note->pitch;
    }
    if (note->start < tick) {
        sound.before = note->end >= tick ? note->pitch : ES_SILENT;
        return sound;
    }
    sound.strikes = true;
    if (at == 0) {
        sound.before = track->entry;
    } else {
        sound.before = note[-1].end >= tick ? note[-1].pitch : ES_SILENT;
    }
    return sound;
}

es_tick es_track_next(const es_track *track, es_tick tick)
{
    es_tick next = ES_OPEN_END;

    for (size_t i = track->count; i-- > 0;) {
        const es_track_note *note = &track->notes[i];
        if (note->start > tick) {
            next = note->start;
        } else {
            return note->end > tick && note->end < next ? note->end : next;
        }
    }
    return next;
}
