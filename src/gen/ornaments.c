/*
 * Ornaments by chance: on notes of a quarter or more, of the top line; of drums on loud enough hits of snare and toms.
 */
#include "gen/ornaments.h"

#include "base/rng.h"
#include "stream/kit.h"

static bool has_ornaments(const es_part *part)
{
    double sum = 0;

    for (int i = 0; i < ES_ORNAMENTS; i++) {
        sum += part->ornament[i];
    }
    return sum > 0;
}

static bool can_be_ornamented(const es_part *part, const es_note *note)
{
    if (note->marks & ES_ORNAMENT_BITS || note->line > 0) {
        return false;
    }
    if (part->role == ES_ROLE_DRUMS) {
        const int piece = es_kit_piece_of_key(note->key);
        return note->accent >= 0 && (piece == ES_KIT_SNARE || piece >= ES_KIT_HIGH_TOM);
    }
    return note->duration >= ES_QUARTER;
}

static uint16_t draw(const es_part *part, es_rng *rng)
{
    double left = es_rng_unit(rng);

    for (int i = 0; i < ES_ORNAMENTS; i++) {
        if (left < part->ornament[i]) {
            return (uint16_t)(1u << i);
        }
        left -= part->ornament[i];
    }
    return 0;
}

void es_ornaments_draw(const es_style *style, uint64_t seed, const es_beats *beats, es_note *notes,
                       size_t count)
{
    const es_phrase_leaf *leaf = beats->phrase->leaf;

    for (size_t i = 0; i < count; i++) {
        const es_part *part = &style->parts[notes[i].part];
        if (!has_ornaments(part) || !can_be_ornamented(part, &notes[i])) {
            continue;
        }
        es_rng rng = es_rng_at(seed, ES_FOR_ORNAMENTS, (uint64_t)leaf->label, notes[i].part,
                               (uint64_t)(notes[i].start - beats->start) * 128 + notes[i].key);
        notes[i].marks |= draw(part, &rng);
    }
}
