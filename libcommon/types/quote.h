/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libcommon/base/str.h"

/* The name of a type as scripts have it: in quotes unless it is made of words and "::". */
void quote_type_name(const char *name, struct str *out);
