/*
 * Metre in ticks. All metres that the reader of styles admits have bars and beats of whole ticks, since
 * ES_WHOLE divides by 32.
 */
#include "music/time.h"

#include <stdbool.h>

static es_tick unit_of(es_meter meter)
{
    return ES_WHOLE / (meter.denominator ? meter.denominator : 4);
}

static bool is_compound(es_meter meter)
{
    return meter.denominator >= 8 && meter.numerator % 3 == 0 && meter.numerator > 3;
}

es_tick es_meter_bar(es_meter meter)
{
    return unit_of(meter) * meter.numerator;
}

es_tick es_meter_beat(es_meter meter)
{
    return is_compound(meter) ? 3 * unit_of(meter) : unit_of(meter);
}

int es_meter_beats(es_meter meter)
{
    const int beats = is_compound(meter) ? meter.numerator / 3 : meter.numerator;

    return beats > ES_MAX_BEATS ? ES_MAX_BEATS : beats;
}

int es_meter_strength(es_meter meter, es_tick in_bar)
{
    const es_tick beat = es_meter_beat(meter);
    const es_tick part = is_compound(meter) ? beat / 3 : beat / 2;
    const int beats = es_meter_beats(meter);

    if (in_bar == 0) {
        return 3;
    }
    if (in_bar % beat == 0) {
        return beats % 2 == 0 && in_bar / beat == beats / 2 ? 2 : 1;
    }
    return in_bar % part == 0 ? 0 : -1;
}
