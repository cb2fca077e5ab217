/*
 * Look-ups of the scene. Rules depend on an instant only through its scopes, as far as constraints name them, so they are compiled
 * once for each set of these that occurs. A pitch held by a line is tried again wherever the chord changes under it, and wherever a line of an earlier group moves
 * against it: these are no instants of the group itself, so nobody else would look.
 */
#include "gen/scene.h"

void es_rulebook_done(es_rulebook *book)
{
    for (int s = 0; s < ES_SCOPE_SETS; s++) {
        es_rules_free(book->rules[s]);
        book->rules[s] = NULL;
    }
}

const es_rules *es_scene_rules(const es_scene *scene, const es_moment *moment)
{
    es_rulebook *book = scene->book;

    if (!book->scopes) {
        book->scopes = es_rules_scopes(scene->style);
    }
    const uint8_t scopes = moment->scopes & book->scopes;
    if (!book->rules[scopes]) {
        es_rules_new(&book->rules[scopes], scene->style, scene->cast, scopes, book->left_out, NULL);
    }
    return book->rules[scopes];
}

/* ---- what is given ---- */

/* What a line does at a tick at which it is given. What it sounds before may be unknown: silence, then. */
static es_sound given_sound(const es_given *given, int line, es_tick tick, int before)
{
    const es_track_note *note = es_given_note(given, line, tick);
    es_sound sound = {.before = (int16_t)before, .now = ES_SILENT};

    if (note) {
        sound.now = note->pitch;
        sound.strikes = note->start == tick || note->pitch != before;
    }
    return sound;
}

bool es_scene_is_given(const es_scene *scene, int i, es_tick tick)
{
    return scene->given && es_given_at(scene->given, scene->cast->part[i], tick);
}

bool es_scene_is_exempt(const es_scene *scene, int i, es_tick tick)
{
    return scene->given && scene->given->asks_nothing && es_scene_is_given(scene, i, tick);
}

es_sound es_scene_given(const es_scene *scene, int i, es_tick tick, int before)
{
    return given_sound(scene->given, scene->cast->line[i], tick, before);
}

/* Pitch of a given line before a tick, or, where that is not given, of its track as far as it is known. */
static int given_before(const es_scene *scene, int part, int line, es_tick tick, bool is_known)
{
    if (es_given_at(scene->given, part, tick - 1)) {
        const es_track_note *note = es_given_note(scene->given, line, tick - 1);
        return note ? note->pitch : ES_SILENT;
    }
    return is_known ? es_track_at(&scene->tracks[line], tick).before : ES_SILENT;
}

static void look_at_given(const es_scene *scene, es_tick tick, es_outside *out)
{
    for (uint32_t p = 0; p < scene->style->n_parts; p++) {
        const es_part *part = &scene->style->parts[p];
        if (part->role == ES_ROLE_DRUMS || !es_given_at(scene->given, (int)p, tick)) {
            continue;
        }
        for (int l = part->first_line; l < part->first_line + part->n_lines; l++) {
            out->given |= 1u << l;
            if (scene->cast->earlier >> l & 1) {
                const bool is_known = tick <= scene->known && !(scene->cast->later >> l & 1);
                const int before = given_before(scene, (int)p, l, tick, is_known);
                out->sound[l] = given_sound(scene->given, l, tick, before);
                out->lines |= 1u << l;
            }
        }
    }
}

/* ---- earlier groups ---- */

void es_scene_outside(const es_scene *scene, const es_moment *moment, es_outside *out)
{
    out->lines = moment->tick < scene->known ? scene->cast->earlier & ~scene->cast->later : 0;
    out->given = 0;
    for (uint32_t rest = out->lines; rest; rest &= rest - 1) {
        const int j = es_first_bit(rest);
        out->sound[j] = es_track_at(&scene->tracks[j], moment->tick);
    }
    if (scene->given) {
        look_at_given(scene, moment->tick, out);
    }
    for (uint32_t rest = out->lines; rest; rest &= rest - 1) {
        es_sound *sound = &out->sound[es_first_bit(rest)];
        sound->bits = sound->now >= 0 ? moment->harmony->member[sound->now % 12] : 0;
    }
}

bool es_breaks_with(const es_scene *scene, const es_rules *rules, const es_outside *outside,
                    uint32_t others, int i, const es_sound *sound)
{
    for (uint32_t rest = others; rest; rest &= rest - 1) {
        const int j = es_first_bit(rest);
        const bool is_upper = scene->cast->line[i] < j;
        const es_sound *other = &outside->sound[j];
        if (es_pair_breaks(&rules->pair[i][j], is_upper ? sound : other,
                           is_upper ? other : sound)) {
            return true;
        }
    }
    return false;
}

/* When a part that is drawn later does next what is given of it. */
static es_tick next_given(const es_given *given, const es_part *part, int index, es_tick tick)
{
    return es_given_at(given, index, tick) ? es_given_next(given, part, index, tick)
                                           : es_given_from(given, index, tick);
}

es_tick es_scene_next_outside(const es_scene *scene, const es_rules *rules, int i, es_tick tick)
{
    const uint32_t lines = rules->paired[i] & scene->cast->earlier & ~scene->cast->later;
    es_tick next = ES_OPEN_END;

    for (uint32_t rest = lines; rest; rest &= rest - 1) {
        const es_tick at = es_track_next(&scene->tracks[es_first_bit(rest)], tick);
        next = at < next ? at : next;
    }
    next = next < scene->known ? next : ES_OPEN_END;
    for (uint32_t p = 0; scene->given && p < scene->style->n_parts; p++) {
        const es_part *part = &scene->style->parts[p];
        const uint32_t own =
            part->role == ES_ROLE_DRUMS ? 0 : ((1u << part->n_lines) - 1) << part->first_line;
        if (own & rules->paired[i] & scene->cast->later) {
            const es_tick at = next_given(scene->given, part, (int)p, tick);
            next = at < next ? at : next;
        }
    }
    return next;
}

/* Whether the pitch, held over the instant at `tick`, breaks a rule there. */
static bool breaks_when_held(const es_scene *scene, int i, int pitch, es_tick tick)
{
    const es_line held = {.pitch = (int16_t)pitch, .last = (int16_t)pitch};
    es_outside outside;
    es_moment moment;

    es_moment_at(&moment, scene->beats, tick);
    const es_rules *rules = es_scene_rules(scene, &moment);
    if (!rules || es_line_breaks(&rules->line[i], &held, &moment, pitch, false)) {
        return true;
    }
    const es_sound sound = {(int16_t)pitch, (int16_t)pitch, false,
                            moment.harmony->member[pitch % 12]};
    es_scene_outside(scene, &moment, &outside);
    return es_outside_breaks(scene, rules, &outside, i, &sound);
}

es_tick es_scene_next_change(const es_scene *scene, const es_rules *rules, int i, es_tick tick)
{
    const es_tick beat = es_beats_next(scene->beats, tick);
    const es_tick outside = es_scene_next_outside(scene, rules, i, tick);

    return outside < beat ? outside : beat;
}

es_tick es_scene_hold_limit(const es_scene *scene, const es_rules *rules, int i, int pitch,
                            es_tick tick, es_tick until)
{
    const es_tick end = until < scene->beats->end ? until : scene->beats->end;

    for (;;) {
        tick = es_scene_next_change(scene, rules, i, tick);
        if (tick >= end) {
            return until;
        }
        if (breaks_when_held(scene, i, pitch, tick)) {
            return tick;
        }
    }
}

int es_scene_promised(const es_scene *scene, int line)
{
    const es_track *track = scene->promised ? &scene->promised[line] : NULL;

    return track && track->count > 0 && track->notes[0].start == scene->promised_start
               ? track->notes[0].pitch + scene->promised_semitones
               : ES_SILENT;
}
