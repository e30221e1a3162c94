/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Returns when programs that were running on any CPU at the call have ended, so that what they
 * count and what they send agree. Holds for programs that are not preempted (tracepoints, timers)
 * on the CPUs that this process may use; others only had time to end.
 */
void quiesce(void);
