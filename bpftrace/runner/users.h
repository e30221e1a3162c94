/* SPDX-License-Identifier: Apache-2.0 */
/* Who knows the names of users. */
#pragma once

#include "session.h"

/* Starts session->names: a process without privileges that answers a uint32_t, a user, by the
 * user's name, or by its number when it has none. */
struct error *users_start(struct session *session);
