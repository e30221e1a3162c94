/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libcommon/base/str.h"

/* The name of a type as scripts have it: quoted unless it consists of identifiers and "::". */
void quote_type_name(const char *name, struct str *out);
