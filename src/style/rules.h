/**
 * @file rules.h
 * What can be said of the rules of a block before they are instantiated.
 */
#ifndef ES_STYLE_RULES_H
#define ES_STYLE_RULES_H

#include "style/build.h"

/** Look up all names that the rules use: calls, variables, grooves (which become leaves). */
estro_status es_block_resolve(es_build *build, es_block *block);

#endif
