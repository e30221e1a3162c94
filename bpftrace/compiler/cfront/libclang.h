/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clang's C library, loaded when a script needs a C compiler, so that no other script waits for it.
 * Reference: clang-c/Index.h, whose functions are called as clang->visitChildren(...).
 */
#pragma once

#include <clang-c/Index.h>

#include "libcommon/base/error.h"

#define LIBCLANG_FUNCTIONS(F)                                                                      \
	F(createIndex)                                                                             \
	F(disposeIndex)                                                                            \
	F(toggleCrashRecovery)                                                                     \
	F(parseTranslationUnit2)                                                                   \
	F(disposeTranslationUnit)                                                                  \
	F(getTranslationUnitCursor)                                                                \
	F(getNumDiagnostics)                                                                       \
	F(getDiagnostic)                                                                           \
	F(disposeDiagnostic)                                                                       \
	F(getDiagnosticSeverity)                                                                   \
	F(getDiagnosticLocation)                                                                   \
	F(getDiagnosticSpelling)                                                                   \
	F(getChildDiagnostics)                                                                     \
	F(getNumDiagnosticsInSet)                                                                  \
	F(getDiagnosticInSet)                                                                      \
	F(getExpansionLocation)                                                                    \
	F(getFileName)                                                                             \
	F(getFileContents)                                                                         \
	F(getInclusions)                                                                           \
	F(getCString)                                                                              \
	F(disposeString)                                                                           \
	F(visitChildren)                                                                           \
	F(getCursorKind)                                                                           \
	F(getCursorSpelling)                                                                       \
	F(getCursorType)                                                                           \
	F(getCursorLocation)                                                                       \
	F(isCursorDefinition)                                                                      \
	F(hashCursor)                                                                              \
	F(equalCursors)                                                                            \
	F(Cursor_Evaluate)                                                                         \
	F(Cursor_isAnonymous)                                                                      \
	F(Cursor_isBitField)                                                                       \
	F(Cursor_getOffsetOfField)                                                                 \
	F(getFieldDeclBitWidth)                                                                    \
	F(getEnumConstantDeclValue)                                                                \
	F(getEnumConstantDeclUnsignedValue)                                                        \
	F(getEnumDeclIntegerType)                                                                  \
	F(getCursorUSR)                                                                            \
	F(getTypedefDeclUnderlyingType)                                                            \
	F(EvalResult_getKind)                                                                      \
	F(EvalResult_getAsLongLong)                                                                \
	F(EvalResult_getAsUnsigned)                                                                \
	F(EvalResult_isUnsignedInt)                                                                \
	F(EvalResult_getAsStr)                                                                     \
	F(EvalResult_dispose)                                                                      \
	F(getCanonicalType)                                                                        \
	F(getTypeDeclaration)                                                                      \
	F(getPointeeType)                                                                          \
	F(getArrayElementType)                                                                     \
	F(getArraySize)                                                                            \
	F(Type_getSizeOf)                                                                          \
	F(Type_getAlignOf)                                                                         \
	F(Type_getNamedType)                                                                       \
	F(Type_getModifiedType)                                                                    \
	F(Type_getValueType)                                                                       \
	F(Type_visitFields)

struct libclang {
#define FUNCTION(name) __typeof__(clang_##name) *name;
	LIBCLANG_FUNCTIONS(FUNCTION)
#undef FUNCTION
};

/* Loads the library of the major version that LLVM has; once. The error names the package. */
struct error *libclang_load(const struct libclang **ret);

/* The name of the package that the library is in. */
const char *libclang_package(void);
