// SPDX-License-Identifier: Apache-2.0
// The types that the annotations org.qtproject.QtDBus.QtTypeName of bus/*.xml name, for proxies that
// qdbusxml2cpp generates:
//
//   qdbusxml2cpp -i backhaul_types.h -p job_proxy bus/org.backhaul.Job1.xml
//
// Call registerBackhaulTypes() once, before the first proxy is made. What the members mean stands in
// the XML files.
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <QtCore/QVariantMap>
#include <QtDBus/QDBusArgument>
#include <QtDBus/QDBusMetaType>
#include <QtDBus/QDBusObjectPath>

struct BackhaulError {  // (uuis): code, context, file (-1: none), text
  uint code = 0;
  uint context = 0;
  int file = -1;
  QString text;
};
struct BackhaulWaiting {  // (sttass): kind, since, until, arguments, sentence
  QString kind;
  qulonglong since = 0;
  qulonglong until = 0;
  QStringList arguments;
  QString sentence;
};
struct BackhaulCallback {  // (ssu): unique name, path, level
  QString name;
  QString path;
  uint level = 0;
};
struct BackhaulAddress {  // (ss): bus name, path; both empty: none
  QString name;
  QString path;
};
struct BackhaulCommand {  // (ss): program, parameters; both empty: none
  QString program;
  QString parameters;
};
struct BackhaulAuthor {  // (ust): uid, program, time
  uint uid = 0;
  QString program;
  qulonglong time = 0;
};
struct BackhaulProxy {  // (uss): usage, list, bypass
  uint usage = 0;
  QString list;
  QString bypass;
};

struct BackhaulUnheard {  // (utsut): kind, number, what it waits for, failed attempts, next attempt
  uint kind = 0;
  qulonglong number = 0;
  QString wait;
  uint failedAttempts = 0;
  qulonglong next = 0;
};
struct BackhaulCredentials {  // (uubust): target, scheme, implicit, who set them when
  uint target = 0;
  uint scheme = 0;
  bool implicit = false;
  uint uid = 0;
  QString program;
  qulonglong time = 0;
};

struct BackhaulRange {  // (tt): offset, length
  qulonglong offset = 0;
  qulonglong length = 0;
};
struct BackhaulNewFile {  // (ssa{sv}): remote URL, local path, options
  QString remote;
  QString local;
  QVariantMap options;
};
struct BackhaulObject {  // (oa{sv}): path of a job or file, all of its properties
  QDBusObjectPath path;
  QVariantMap properties;
};
struct BackhaulEvent {  // (toua{sv}): number, job, kind, details
  qulonglong number = 0;
  QDBusObjectPath job;
  uint kind = 0;
  QVariantMap details;
};
struct BackhaulCause {  // (sssttss): subject, kind, id of a job, since, until, sentence, where
  QString subject;
  QString kind;
  QString job;
  qulonglong since = 0;
  qulonglong until = 0;
  QString sentence;
  QString where;
};
struct BackhaulClass {  // (sasb): bus name, program and arguments, running now
  QString name;
  QStringList exec;
  bool running = false;
};

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulError &value) {
  out.beginStructure();
  out << value.code << value.context << value.file << value.text;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulError &value) {
  in.beginStructure();
  in >> value.code >> value.context >> value.file >> value.text;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulWaiting &value) {
  out.beginStructure();
  out << value.kind << value.since << value.until << value.arguments << value.sentence;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulWaiting &value) {
  in.beginStructure();
  in >> value.kind >> value.since >> value.until >> value.arguments >> value.sentence;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulCallback &value) {
  out.beginStructure();
  out << value.name << value.path << value.level;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulCallback &value) {
  in.beginStructure();
  in >> value.name >> value.path >> value.level;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulAddress &value) {
  out.beginStructure();
  out << value.name << value.path;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulAddress &value) {
  in.beginStructure();
  in >> value.name >> value.path;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulCommand &value) {
  out.beginStructure();
  out << value.program << value.parameters;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulCommand &value) {
  in.beginStructure();
  in >> value.program >> value.parameters;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulAuthor &value) {
  out.beginStructure();
  out << value.uid << value.program << value.time;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulAuthor &value) {
  in.beginStructure();
  in >> value.uid >> value.program >> value.time;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulProxy &value) {
  out.beginStructure();
  out << value.usage << value.list << value.bypass;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulProxy &value) {
  in.beginStructure();
  in >> value.usage >> value.list >> value.bypass;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulUnheard &value) {
  out.beginStructure();
  out << value.kind << value.number << value.wait << value.failedAttempts << value.next;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulUnheard &value) {
  in.beginStructure();
  in >> value.kind >> value.number >> value.wait >> value.failedAttempts >> value.next;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulCredentials &value) {
  out.beginStructure();
  out << value.target << value.scheme << value.implicit << value.uid << value.program << value.time;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulCredentials &value) {
  in.beginStructure();
  in >> value.target >> value.scheme >> value.implicit >> value.uid >> value.program >> value.time;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulRange &value) {
  out.beginStructure();
  out << value.offset << value.length;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulRange &value) {
  in.beginStructure();
  in >> value.offset >> value.length;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulNewFile &value) {
  out.beginStructure();
  out << value.remote << value.local << value.options;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulNewFile &value) {
  in.beginStructure();
  in >> value.remote >> value.local >> value.options;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulObject &value) {
  out.beginStructure();
  out << value.path << value.properties;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulObject &value) {
  in.beginStructure();
  in >> value.path >> value.properties;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulEvent &value) {
  out.beginStructure();
  out << value.number << value.job << value.kind << value.details;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulEvent &value) {
  in.beginStructure();
  in >> value.number >> value.job >> value.kind >> value.details;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulCause &value) {
  out.beginStructure();
  out << value.subject << value.kind << value.job << value.since << value.until << value.sentence
      << value.where;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulCause &value) {
  in.beginStructure();
  in >> value.subject >> value.kind >> value.job >> value.since >> value.until >> value.sentence >>
      value.where;
  in.endStructure();
  return in;
}

inline QDBusArgument &operator<<(QDBusArgument &out, const BackhaulClass &value) {
  out.beginStructure();
  out << value.name << value.exec << value.running;
  out.endStructure();
  return out;
}
inline const QDBusArgument &operator>>(const QDBusArgument &in, BackhaulClass &value) {
  in.beginStructure();
  in >> value.name >> value.exec >> value.running;
  in.endStructure();
  return in;
}

Q_DECLARE_METATYPE(BackhaulError)
Q_DECLARE_METATYPE(BackhaulWaiting)
Q_DECLARE_METATYPE(BackhaulCallback)
Q_DECLARE_METATYPE(BackhaulAddress)
Q_DECLARE_METATYPE(BackhaulCommand)
Q_DECLARE_METATYPE(BackhaulAuthor)
Q_DECLARE_METATYPE(BackhaulProxy)
Q_DECLARE_METATYPE(BackhaulUnheard)
Q_DECLARE_METATYPE(BackhaulCredentials)
Q_DECLARE_METATYPE(BackhaulRange)
Q_DECLARE_METATYPE(BackhaulNewFile)
Q_DECLARE_METATYPE(BackhaulObject)
Q_DECLARE_METATYPE(BackhaulEvent)
Q_DECLARE_METATYPE(BackhaulCause)
Q_DECLARE_METATYPE(BackhaulClass)

inline void registerBackhaulTypes() {
  qDBusRegisterMetaType<BackhaulError>();
  qDBusRegisterMetaType<BackhaulWaiting>();
  qDBusRegisterMetaType<BackhaulCallback>();
  qDBusRegisterMetaType<BackhaulAddress>();
  qDBusRegisterMetaType<BackhaulCommand>();
  qDBusRegisterMetaType<BackhaulAuthor>();
  qDBusRegisterMetaType<BackhaulProxy>();
  qDBusRegisterMetaType<BackhaulUnheard>();
  qDBusRegisterMetaType<BackhaulCredentials>();
  qDBusRegisterMetaType<BackhaulRange>();
  qDBusRegisterMetaType<BackhaulNewFile>();
  qDBusRegisterMetaType<BackhaulObject>();
  qDBusRegisterMetaType<BackhaulEvent>();
  qDBusRegisterMetaType<BackhaulCause>();
  qDBusRegisterMetaType<BackhaulClass>();
  qDBusRegisterMetaType<QList<BackhaulUnheard>>();
  qDBusRegisterMetaType<QList<BackhaulCredentials>>();
  qDBusRegisterMetaType<QList<BackhaulRange>>();
  qDBusRegisterMetaType<QList<BackhaulNewFile>>();
  qDBusRegisterMetaType<QList<BackhaulObject>>();
  qDBusRegisterMetaType<QList<BackhaulEvent>>();
  qDBusRegisterMetaType<QList<BackhaulCause>>();
  qDBusRegisterMetaType<QList<BackhaulClass>>();
}
