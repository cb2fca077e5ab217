/**
 * @file analysed.h
 * An analysed file and its two descriptions: what the files of src/api that write them share.
 */
#ifndef ES_API_ANALYSED_H
#define ES_API_ANALYSED_H

#include "analysis/analysis.h"
#include "base/text.h"

#include <estro/estro.h>

struct estro_analysis {
    char path[256];
    es_smf smf;
    es_analysis found;
    double seconds; /**< Length, with all changes of tempo. */
    es_text text;   /**< As last asked for. */
    char *json;     /**< Made when first asked for; owned (free). */
};

/** The description for a terminal into `analysis->text`; the piano roll's part of it. */
void es_describe(estro_analysis *analysis, int columns);
void es_describe_roll(es_text *text, const es_analysis *found, int columns);

#endif
