/*
 * Trying constraints.
 *
 * A line is tried alone, with its own history; a pair by what both sound before and after; sets (missing members, the bass) when all
 * lines are known, which is the business of sets.c. What is tried here is exactly what es_style's list of kinds says; the places
 * where a choice of meaning was made:
 *   - `repeat`, `run`, `unrecovered` look at the row of notes; a repeated pitch is no move and interrupts no run.
 *   - `foreign`, `chromatic` on beats, strong beats or downbeats are about notes that begin there; elsewhere also about notes held.
 *   - a foreign note that the line falls silent after was not left by step.
 */
#include "gen/constraint.h"

#include <stdlib.h>

static bool breaks_by_falling_silent(const es_line_rule *rule, const es_line *line,
                                     const es_moment *moment)
{
    const int pc = line->pitch % 12;

    return moment->tick < line->min_end ||
           (line->was_foreign && (line->scopes & rule->unresolved)) ||
           (rule->leading && pc == moment->leading) || (rule->seventh && pc == moment->seventh);
}

static bool breaks_by_holding(const es_line_rule *rule, const es_line *line,
                              const es_moment *moment)
{
    const int tone = es_part_class(rule->scale, moment->harmony, line->pitch);

    if ((rule->foreign_held && tone != 0) || (rule->chromatic_held && tone == 2) ||
        es_is_wrong_bass(rule, moment->harmony, line->pitch)) {
        return true;
    }
    return rule->leading && line->pitch % 12 == moment->leading;
}

bool es_line_breaks(const es_line_rule *rule, const es_line *line, const es_moment *moment,
                    int pitch, bool strikes)
{
    if (!strikes) {
        return pitch != ES_SILENT
                   ? breaks_by_holding(rule, line, moment)
                   : line->pitch != ES_SILENT && breaks_by_falling_silent(rule, line, moment);
    }
    if (es_pitch_breaks(rule, moment, pitch)) {
        return true;
    }
    const es_moves moves = es_line_moves(rule, line, moment);
    return es_moves_bar(&moves, pitch);
}

bool es_pair_moves_badly(const es_pair_rule *rule, const es_sound *upper, const es_sound *lower)
{
    if (upper->before < 0 || lower->before < 0) {
        return false;
    }
    const int up = upper->now - upper->before, low = lower->now - lower->before;
    if (rule->overlap &&
        ((low != 0 && lower->now > upper->before) || (up != 0 && upper->now < lower->before))) {
        return true;
    }
    if (up == 0 || low == 0) {
        return false;
    }
    const int after = es_pitch_class(upper->now - lower->now);
    const int before = es_pitch_class(upper->before - lower->before);
    return ((rule->parallel >> after & 1) && before == after) ||
           ((rule->hidden >> after & 1) && (up > 0) == (low > 0) && abs(up) > 2);
}

es_pair_rule es_pair_moving(const es_pair_rule *rule)
{
    return (es_pair_rule){.parallel = rule->parallel,
                          .hidden = rule->hidden,
                          .overlap = rule->overlap,
                          .spacing = ES_FAR};
}

void es_line_advance(es_line *line, const es_line_rule *rule, const es_moment *moment, int pitch,
                     bool strikes)
{
    if (!strikes) {
        if (pitch == ES_SILENT && line->pitch != ES_SILENT) {
            line->pitch = ES_SILENT;
            line->since = moment->tick;
            line->min_end = moment->tick;
            line->max_end = moment->tick + rule->silence;
            line->was_foreign = false;
        } else if (pitch != ES_SILENT && es_harmony_class(moment->harmony, pitch) != 0) {
            line->was_foreign = true;
        }
        return;
    }
    const int move = line->last == ES_SILENT ? 0 : pitch - line->last;
    if (move == 0) {
        line->repeats =
            (uint8_t)(line->last == ES_SILENT ? 1 : line->repeats + (line->repeats < 255));
    } else {
        const bool same_way = line->move != 0 && (move > 0) == (line->move > 0);
        line->run = (uint8_t)(same_way ? line->run + (line->run < 255) : 1);
        line->move = (int16_t)move;
        line->repeats = 1;
    }
    line->pitch = (int16_t)pitch;
    line->last = (int16_t)pitch;
    line->scopes = moment->scopes;
    line->was_foreign = es_harmony_class(moment->harmony, pitch) != 0;
    line->since = moment->tick;
    line->min_end = moment->tick + rule->shortest;
    line->max_end = moment->tick + rule->longest;
}

void es_line_forgive(es_line *line)
{
    line->was_foreign = false;
    line->move = 0;
    line->run = 0;
    line->repeats = 1;
}
