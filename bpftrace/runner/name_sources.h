/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session.h"

/* Once the object is loaded: opens the sources of names for what the script prints, and no others.
 */
struct error *name_sources_open(struct session *session);
