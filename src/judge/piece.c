/*
 * Keeping a whole piece. Each bar is performed once as it comes, for its velocities and for how long it lasts.
 */
#include "judge/piece.h"

#include "base/diag.h"
#include "base/mem.h"
#include "perform/perform.h"

#include <string.h>

void es_piece_reset(es_piece *piece, const es_style *style, es_key home)
{
    piece->style = style;
    piece->home = home;
    piece->n_bars = 0;
    piece->n_notes = 0;
    piece->seconds = 0;
    memset(piece->velocities, 0, sizeof piece->velocities);
}

void es_piece_done(es_piece *piece)
{
    es_free(piece->bars);
    es_free(piece->notes);
    *piece = (es_piece){0};
}

/* How long a bar lasts, from one change of tempo to the next. */
static double bar_seconds(const es_bar *bar, const es_tempo_point *tempo, size_t n_tempo)
{
    const es_tick end = bar->start + bar->length;
    double seconds = 0;

    for (size_t i = 0; i < n_tempo; i++) {
        const es_tick until = i + 1 < n_tempo ? tempo[i + 1].tick : end;
        seconds += (double)(until - tempo[i].tick) / ES_QUARTER * 60 / tempo[i].tempo;
    }
    return seconds;
}

static estro_status play(es_piece *piece, const es_bar *bar, uint64_t seed, estro_diag *diag)
{
    es_tempo_point tempo[ES_MAX_TEMPO_POINTS];
    size_t n_tempo = 0;
    es_played *played = es_calloc(es_perform_most(bar) + 1, sizeof *played);

    if (!played) {
        return es_fail_memory(diag);
    }
    const size_t n_played = es_perform_bar(piece->style, seed, bar, played, tempo, &n_tempo);
    for (size_t i = 0; i < n_played; i++) {
        const uint8_t velocity = played[i].velocity & 127;
        piece->velocities[played[i].part][velocity / 8] |= (uint8_t)(1u << velocity % 8);
    }
    piece->seconds += bar_seconds(bar, tempo, n_tempo);
    es_free(played);
    return ESTRO_OK;
}

estro_status es_piece_add(es_piece *piece, const es_bar *bar, uint64_t seed, estro_diag *diag)
{
    if (!es_grow(&piece->bars, piece->n_bars, &piece->bars_capacity, sizeof *piece->bars)) {
        return es_fail_memory(diag);
    }
    es_piece_bar *kept = &piece->bars[piece->n_bars];
    *kept = (es_piece_bar){*bar, piece->n_notes, bar->n_notes};
    kept->bar.notes = NULL;
    for (size_t i = 0; i < bar->n_notes; i++) {
        if (!es_grow(&piece->notes, piece->n_notes, &piece->notes_capacity, sizeof *piece->notes)) {
            return es_fail_memory(diag);
        }
        piece->notes[piece->n_notes++] = bar->notes[i];
    }
    piece->n_bars++;
    return play(piece, bar, seed, diag);
}
