/* SPDX-License-Identifier: Apache-2.0 */
/* WIDGET_COMMENTED is only mentioned. */
#ifndef _LINUX_WIDGET_H
#define WIDGET_SPEED (1 << 3)
enum widget_kind { WIDGET_SMALL = 4, WIDGET_LARGE };
#define WIDGET_IOC(number) (0x40 | (number))
#endif
