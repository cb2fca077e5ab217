/*
 * Recognising styles for a host.
 */
#include "api/api.h"

#include "base/diag.h"
#include "recognise/recognise.h"
#include "smf/files.h"

estro_status estro_recognise(const estro_style *style, const char *path, estro_recognition *out,
                             estro_diag *diag)
{
    es_recognition inner = {0};
    es_heard heard = {0};
    es_smf smf;

    es_diag_init(diag, path);
    ES_TRY(es_smf_load(&smf, path, diag));
    estro_status status = es_heard_read(&heard, &smf, diag);
    status = status == ESTRO_OK ? es_recognise(&inner, style->style, &heard, diag) : status;
    *out = (estro_recognition){
        .is_derivable = inner.is_derivable, .nats = inner.nats, .notes = inner.notes};
    es_heard_done(&heard);
    es_smf_done(&smf);
    return status;
}
