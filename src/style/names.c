/*
 * The tables of General MIDI. Ranges are those in which the instrument sounds as itself, not the widest possible.
 */
#include "style/names.h"

#include "style/build.h"

#include <string.h>

static const es_instrument instruments[128] = {
    {"Acoustic Grand Piano", 28, 96},
    {"Bright Acoustic Piano", 28, 96},
    {"Electric Grand Piano", 28, 96},
    {"Honky-tonk Piano", 28, 96},
    {"Electric Piano 1", 28, 96},
    {"Electric Piano 2", 28, 96},
    {"Harpsichord", 29, 89},
    {"Clavinet", 29, 89},
    {"Celesta", 60, 96},
    {"Glockenspiel", 72, 96},
    {"Music Box", 60, 84},
    {"Vibraphone", 53, 89},
    {"Marimba", 48, 84},
    {"Xylophone", 65, 96},
    {"Tubular Bells", 60, 77},
    {"Dulcimer", 55, 84},
    {"Drawbar Organ", 36, 96},
    {"Percussive Organ", 36, 96},
    {"Rock Organ", 36, 96},
    {"Church Organ", 36, 96},
    {"Reed Organ", 36, 84},
    {"Accordion", 53, 89},
    {"Harmonica", 60, 84},
    {"Tango Accordion", 53, 89},
    {"Acoustic Guitar (nylon)", 40, 79},
    {"Acoustic Guitar (steel)", 40, 79},
    {"Electric Guitar (jazz)", 40, 82},
    {"Electric Guitar (clean)", 40, 82},
    {"Electric Guitar (muted)", 40, 79},
    {"Overdriven Guitar", 40, 82},
    {"Distortion Guitar", 40, 82},
    {"Guitar Harmonics", 40, 82},
    {"Acoustic Bass", 28, 55},
    {"Electric Bass (finger)", 28, 55},
    {"Electric Bass (pick)", 28, 55},
    {"Fretless Bass", 28, 55},
    {"Slap Bass 1", 28, 55},
    {"Slap Bass 2", 28, 55},
    {"Synth Bass 1", 28, 55},
    {"Synth Bass 2", 28, 55},
    {"Violin", 55, 93},
    {"Viola", 48, 84},
    {"Cello", 36, 72},
    {"Contrabass", 28, 55},
    {"Tremolo Strings", 36, 91},
    {"Pizzicato Strings", 36, 91},
    {"Orchestral Harp", 31, 91},
    {"Timpani", 40, 57},
    {"String Ensemble 1", 36, 91},
    {"String Ensemble 2", 36, 91},
    {"Synth Strings 1", 36, 91},
    {"Synth Strings 2", 36, 91},
    {"Choir Aahs", 36, 84},
    {"Voice Oohs", 36, 84},
    {"Synth Voice", 36, 84},
    {"Orchestra Hit", 48, 72},
    {"Trumpet", 55, 82},
    {"Trombone", 40, 70},
    {"Tuba", 29, 55},
    {"Muted Trumpet", 55, 82},
    {"French Horn", 41, 77},
    {"Brass Section", 41, 84},
    {"Synth Brass 1", 41, 84},
    {"Synth Brass 2", 41, 84},
    {"Soprano Sax", 56, 87},
    {"Alto Sax", 49, 80},
    {"Tenor Sax", 44, 75},
    {"Baritone Sax", 36, 68},
    {"Oboe", 58, 88},
    {"English Horn", 52, 81},
    {"Bassoon", 34, 70},
    {"Clarinet", 50, 89},
    {"Piccolo", 74, 104},
    {"Flute", 60, 93},
    {"Recorder", 60, 86},
    {"Pan Flute", 60, 91},
    {"Blown Bottle", 60, 91},
    {"Shakuhachi", 55, 84},
    {"Whistle", 60, 91},
    {"Ocarina", 60, 84},
    {"Lead 1 (square)", 36, 96},
    {"Lead 2 (sawtooth)", 36, 96},
    {"Lead 3 (calliope)", 36, 96},
    {"Lead 4 (chiff)", 36, 96},
    {"Lead 5 (charang)", 36, 96},
    {"Lead 6 (voice)", 36, 96},
    {"Lead 7 (fifths)", 36, 96},
    {"Lead 8 (bass + lead)", 36, 96},
    {"Pad 1 (new age)", 36, 91},
    {"Pad 2 (warm)", 36, 91},
    {"Pad 3 (polysynth)", 36, 91},
    {"Pad 4 (choir)", 36, 91},
    {"Pad 5 (bowed)", 36, 91},
    {"Pad 6 (metallic)", 36, 91},
    {"Pad 7 (halo)", 36, 91},
    {"Pad 8 (sweep)", 36, 91},
    {"FX 1 (rain)", 36, 91},
    {"FX 2 (soundtrack)", 36, 91},
    {"FX 3 (crystal)", 36, 91},
    {"FX 4 (atmosphere)", 36, 91},
    {"FX 5 (brightness)", 36, 91},
    {"FX 6 (goblins)", 36, 91},
    {"FX 7 (echoes)", 36, 91},
    {"FX 8 (sci-fi)", 36, 91},
    {"Sitar", 48, 77},
    {"Banjo", 48, 84},
    {"Shamisen", 50, 79},
    {"Koto", 55, 84},
    {"Kalimba", 48, 79},
    {"Bag Pipe", 57, 77},
    {"Fiddle", 55, 88},
    {"Shanai", 48, 72},
    {"Tinkle Bell", 72, 84},
    {"Agogo", 60, 72},
    {"Steel Drums", 52, 76},
    {"Woodblock", 60, 72},
    {"Taiko Drum", 36, 60},
    {"Melodic Tom", 36, 60},
    {"Synth Drum", 36, 60},
    {"Reverse Cymbal", 36, 60},
    {"Guitar Fret Noise", 40, 79},
    {"Breath Noise", 40, 79},
    {"Seashore", 40, 79},
    {"Bird Tweet", 40, 79},
    {"Telephone Ring", 40, 79},
    {"Helicopter", 40, 79},
    {"Applause", 40, 79},
    {"Gunshot", 40, 79},
};

static const struct {
    const char *name;
    uint8_t key;
} drums[] = {
    {"kick", 36},   {"snare", 38},      {"rim", 37},   {"clap", 39},   {"hat", 42},
    {"open", 46},   {"pedal", 44},      {"ride", 51},  {"bell", 53},   {"crash", 49},
    {"tom1", 48},   {"tom2", 45},       {"tom3", 41},  {"floor", 41},  {"cowbell", 56},
    {"shaker", 70}, {"tambourine", 54}, {"conga", 63}, {"bongo", 60},  {"clave", 75},
    {"block", 76},  {"triangle", 81},   {"guiro", 73}, {"splash", 55}, {"china", 52},
};

const es_instrument *es_instrument_get(int program)
{
    return &instruments[program & 127];
}

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int same_start(const char *text, const char *start)
{
    while (*start && small(*text) == small(*start)) {
        text++;
        start++;
    }
    return !*start;
}

int es_instrument_find(const char *name)
{
    for (int i = 0; i < 128; i++) {
        if (strlen(instruments[i].name) == strlen(name) && same_start(instruments[i].name, name)) {
            return i;
        }
    }
    return -1;
}

const char *es_instrument_near(const char *name)
{
    es_guess guess;

    es_guess_init(&guess, name);
    for (int i = 0; i < 128; i++) {
        es_guess_try(&guess, instruments[i].name);
    }
    for (int i = 0; i < 128 && !guess.best && *name; i++) {
        for (const char *at = instruments[i].name; at; at = strchr(at, ' ')) {
            at += *at == ' ';
            at += *at == '(';
            if (same_start(at, name)) {
                return instruments[i].name;
            }
        }
    }
    return guess.best;
}

const char *es_drum_name(int index)
{
    return index >= 0 && index < (int)(sizeof drums / sizeof *drums) ? drums[index].name : NULL;
}

uint8_t es_drum_key(int index)
{
    return drums[index].key;
}
