/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Features of the kernel that 5.10, the oldest one supported, lacks. They are detected by names in
 * the kernel's own BTF. That shows that the source of the kernel has the feature, not that it is
 * configured: code that attaches by one must be able to fall back.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kbtf.h"
#include "libcommon/base/error.h"
#include "libcommon/base/json.h"

enum feature {
#define FEATURE(NAME, name, symbol, doc) FEATURE_##NAME,
#include "feature.def"
#undef FEATURE
	NR_FEATURES,
};

#define FEATURE_BIT(feature) (UINT64_C(1) << (feature))

const char *feature_name(enum feature feature); /* as --no-feature spells it */
const char *feature_doc(enum feature feature);  /* one line */

/* Adds the features of a list "name,name" to *set; unknown names are an error. */
struct error *feature_parse(const char *list, uint64_t *set);

/* What the kernel has, less the disabled ones: a set of FEATURE_BIT. */
uint64_t feature_probe(struct kbtf *kbtf, uint64_t disabled);

/* A set as an array of names, and back; names of no row are an error. */
json_t *feature_to_json(uint64_t set);
struct error *feature_from_json(const json_t *json, uint64_t *ret);
