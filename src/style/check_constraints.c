/*
 * Constraints tried against what parts have to play, where the answer needs no composing; and ranges against chords.
 */
#include "style/check_parts.h"

/* Why a pattern by itself cannot keep a constraint, NULL if it can. */
static const char *cell_breach(const es_constraint *k, const es_cell *cell)
{
    bool n_at_once = false, m_at_once = false, has_n = false;
    es_tick at = -1;

    for (uint32_t i = 0; i < cell->n_hits; i++) {
        const es_hit *hit = &cell->hits[i];
        if (hit->start != at) {
            n_at_once = m_at_once = false;
            at = hit->start;
        }
        const bool is_sure = hit->chance == 100;
        n_at_once |= hit->drum == k->n;
        m_at_once |= hit->drum == k->m;
        has_n |= hit->drum == k->n && is_sure;
        if (k->kind == ES_CONSTRAINT_TOGETHER && n_at_once && m_at_once) {
            return "has both drums at once";
        }
        if (hit->drum || hit->tone == ES_TONE_REST) {
            continue;
        }
        if (k->kind == ES_CONSTRAINT_SHORT && hit->duration < k->n) {
            return "has a shorter note";
        }
        if (k->kind == ES_CONSTRAINT_LONG && hit->duration > k->n) {
            return "has a longer note";
        }
    }
    return k->kind == ES_CONSTRAINT_ABSENT && !has_n ? "has a bar without this drum" : NULL;
}

/* A pattern all of whose cells break the rule is a conflict; some of them are avoided. */
static const char *pattern_breach(const es_constraint *k, const es_pattern *pattern)
{
    const char *why = NULL;

    for (uint32_t i = 0; i < pattern->n_cells; i++) {
        why = cell_breach(k, &pattern->cells[i]);
        if (!why) {
            return NULL;
        }
    }
    return why;
}

static void check_patterns(const es_checker *c, const es_constraint *k, es_place place)
{
    for (uint32_t p = 0; p < c->style->n_patterns; p++) {
        const es_pattern *pattern = &c->style->patterns[p];
        const char *why = pattern_breach(k, pattern);
        bool is_played = false;
        char where[64];
        for (uint32_t t = 0; t < c->style->n_textures && why; t++) {
            for (uint32_t i = 0; i < c->style->n_parts; i++) {
                const es_texture_part *part = &c->style->textures[t].part[i];
                is_played |= (k->parts >> i & 1) && part->plays &&
                             (part->pattern == (int)p || part->first_pattern == (int)p ||
                              part->last_pattern == (int)p);
            }
        }
        if (is_played) {
            es_style_where(where, sizeof where, c->style, pattern->line);
            es_warn(c, place, "the pattern '%s' (%s) %s", pattern->name, where, why);
        }
    }
}

/* Whether a part can move at all under a limit on its leaps. */
static void check_moves(const es_checker *c, const es_constraint *k, es_place place)
{
    for (uint32_t i = 0; i < c->style->n_parts; i++) {
        const es_part *part = &c->style->parts[i];
        bool can_move = false;
        for (int n = 1; n <= 12; n++) {
            can_move |=
                part->move[n] > 0 && (k->kind == ES_CONSTRAINT_LEAP ? n <= k->n : n != k->n);
        }
        if (k->parts >> i & 1 && !can_move) {
            char where[64];
            es_style_where(where, sizeof where, c->style, part->line);
            es_warn(c, place, "'%s' (%s) has no other moves", part->name, where);
        }
    }
}

static void check_outside(const es_checker *c, const es_constraint *k, es_place place)
{
    for (uint32_t i = 0; i < c->style->n_parts; i++) {
        const es_part *part = &c->style->parts[i];
        if (k->parts >> i & 1 && (part->low > k->m || part->high < k->n)) {
            char where[64];
            es_style_where(where, sizeof where, c->style, part->line);
            es_warn(c, place, "'%s' (%s) has no pitch in this range", part->name, where);
        }
    }
}

/* Parts whose ranges leave no way: always too far apart, or the lower one always above. */
static void check_pairs(const es_checker *c, const es_constraint *k, es_place place)
{
    const es_style *style = c->style;

    for (uint32_t a = 0; a < style->n_parts; a++) {
        for (uint32_t b = a + 1; b < style->n_parts; b++) {
            const es_part *upper = &style->parts[a], *lower = &style->parts[b];
            if (!(k->parts >> a & 1) || !(k->parts >> b & 1) || !k->is_pair) {
                continue;
            }
            if (k->kind == ES_CONSTRAINT_CROSS && upper->high < lower->low) {
                es_warn(c, place, "the range of '%s' is above that of '%s': they always cross",
                        lower->name, upper->name);
            } else if (k->kind == ES_CONSTRAINT_SPACING &&
                       (upper->low - lower->high > k->n || lower->low - upper->high > k->n)) {
                es_warn(c, place, "the ranges of '%s' and '%s' are further apart than that",
                        upper->name, lower->name);
            }
        }
    }
}

/* Only what holds everywhere, and must: elsewhere the plan decides. */
void es_check_constraints(const es_checker *c)
{
    const es_constraint_tree *tree = c->build->tree.constraints;

    for (uint32_t i = 0; i < c->style->n_constraints; i++, tree = tree->next) {
        const es_constraint *k = &c->style->constraints[i];
        if (!k->is_never || k->scope != ES_SCOPE_EVERYWHERE) {
            continue;
        }
        switch ((es_constraint_kind)k->kind) {
        case ES_CONSTRAINT_SHORT:
        case ES_CONSTRAINT_LONG:
        case ES_CONSTRAINT_TOGETHER:
        case ES_CONSTRAINT_ABSENT:
            check_patterns(c, k, tree->place);
            break;
        case ES_CONSTRAINT_LEAP:
        case ES_CONSTRAINT_INTERVAL:
            check_moves(c, k, tree->place);
            break;
        case ES_CONSTRAINT_OUTSIDE:
            check_outside(c, k, tree->place);
            break;
        case ES_CONSTRAINT_SPACING:
        case ES_CONSTRAINT_CROSS:
            check_pairs(c, k, tree->place);
            break;
        default:
            break;
        }
    }
}

/* ---- ranges without a tone of some chord ---- */

/* The keys that phrases can be in, as sets of tonics. */
static void find_keys(const es_style *style, uint16_t keys[ES_MODE_COUNT])
{
    es_chord degree;

    for (uint32_t i = 0; i < style->n_keys; i++) {
        const es_key home = style->keys[i].key;
        for (uint32_t p = 0; p < style->form.n_leaves; p++) {
            const es_phrase_leaf *phrase = &style->phrases[p];
            const bool has_degree =
                phrase->degree && es_roman_parse(&degree, phrase->degree, home) > 0;
            const int mode = phrase->key_mode >= 0 ? phrase->key_mode : home.mode;
            keys[mode] |= (uint16_t)(1u << (has_degree ? degree.root : home.tonic));
        }
    }
}

/* A chord of which no tone lies in a range, in some key; NULL if there is none. */
static const char *missing_chord(const es_style *style, const uint16_t keys[ES_MODE_COUNT],
                                 uint16_t pitches, es_key *key)
{
    es_chord chord;

    for (int mode = 0; mode < ES_MODE_COUNT; mode++) {
        for (uint32_t i = 0; keys[mode] && i < style->harmony[mode].n_leaves; i++) {
            for (uint8_t tonic = 0; tonic < 12; tonic++) {
                *key = (es_key){tonic, (uint8_t)mode};
                if ((keys[mode] >> tonic & 1) &&
                    es_roman_parse(&chord, style->chords[mode][i].roman, *key) &&
                    es_chord_set(chord) && !(es_chord_set(chord) & pitches)) {
                    return style->chords[mode][i].roman;
                }
            }
        }
    }
    return NULL;
}

void es_check_ranges(const es_checker *c)
{
    uint16_t keys[ES_MODE_COUNT] = {0};

    find_keys(c->style, keys);
    for (uint32_t p = 0; p < c->style->n_parts; p++) {
        const es_part *part = &c->style->parts[p];
        const es_part_tree *tree = &c->build->tree.parts[p];
        uint16_t pitches = 0;
        es_key key;
        char name[24];
        for (int pitch = part->low; pitch <= part->high; pitch++) {
            pitches |= (uint16_t)(1u << es_pitch_class(pitch));
        }
        const char *roman = part->role == ES_ROLE_DRUMS || pitches == 0xFFF
                                ? NULL
                                : missing_chord(c->style, keys, pitches, &key);
        if (roman) {
            es_key_write(name, sizeof name, key);
            es_warn(c, tree->has_range ? tree->range_place : tree->place,
                    "in %s no tone of %s lies in the range of '%s'", name, roman, part->name);
        }
    }
}
