/**
 * @file conflict.h
 * Why nothing could be drawn.
 */
#ifndef ES_GEN_CONFLICT_H
#define ES_GEN_CONFLICT_H

#include "gen/engine.h"

/**
 * Say which constraints conflict where the engine got stuck last. The engine still stands in the phrase that failed.
 *
 * @return ESTRO_ERR_CONFLICT, or ESTRO_ERR_MEMORY.
 */
estro_status es_conflict_explain(es_engine *engine, estro_diag *diag);

#endif
