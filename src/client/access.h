// SPDX-License-Identifier: Apache-2.0
// The one friend of the public classes: makes them out of our parts and takes them apart.
#pragma once

#include <backhaul/class_server.h>
#include <backhaul/client.h>
#include <backhaul/job.h>

#include <memory>
#include <utility>

namespace backhaul::detail {

class Access {
 public:
  static Job job(std::shared_ptr<JobRecord> record) {
    Job job;
    job.record_ = std::move(record);
    return job;
  }
  static JobInfo info(std::shared_ptr<const JobInfoData> data) {
    JobInfo info;
    info.data_ = std::move(data);
    return info;
  }
  static FileInfo info(std::shared_ptr<const FileInfoData> data) {
    FileInfo info;
    info.data_ = std::move(data);
    return info;
  }
  static const JobSettingsData& data(const JobSettings& settings) { return *settings.data_; }
  static Connection* connection(const Client& client) { return client.connection_; }
  static Client client(Connection* connection) {
    Client client;
    client.connection_ = connection;
    return client;
  }
  static ClassServer server(std::shared_ptr<ClassServerState> state) {
    ClassServer server;
    server.state_ = std::move(state);
    return server;
  }
  static Subscription subscription(std::shared_ptr<SubscriptionState> state) {
    Subscription subscription;
    subscription.state_ = std::move(state);
    return subscription;
  }
};

}  // namespace backhaul::detail
