"""The protobuf classes of google.pubsub.v1, without their proto-plus wrappers."""

from typing import Any

from google.protobuf import empty_pb2
from google.pubsub_v1 import types

Empty: Any = empty_pb2.Empty
Topic: Any = types.Topic.pb()
UpdateTopicRequest: Any = types.UpdateTopicRequest.pb()
GetTopicRequest: Any = types.GetTopicRequest.pb()
ListTopicsRequest: Any = types.ListTopicsRequest.pb()
ListTopicsResponse: Any = types.ListTopicsResponse.pb()
ListTopicSubscriptionsRequest: Any = types.ListTopicSubscriptionsRequest.pb()
ListTopicSubscriptionsResponse: Any = types.ListTopicSubscriptionsResponse.pb()
DeleteTopicRequest: Any = types.DeleteTopicRequest.pb()
PubsubMessage: Any = types.PubsubMessage.pb()
PublishRequest: Any = types.PublishRequest.pb()
PublishResponse: Any = types.PublishResponse.pb()
PushConfig: Any = types.PushConfig.pb()
Subscription: Any = types.Subscription.pb()
GetSubscriptionRequest: Any = types.GetSubscriptionRequest.pb()
UpdateSubscriptionRequest: Any = types.UpdateSubscriptionRequest.pb()
ListSubscriptionsRequest: Any = types.ListSubscriptionsRequest.pb()
ListSubscriptionsResponse: Any = types.ListSubscriptionsResponse.pb()
DeleteSubscriptionRequest: Any = types.DeleteSubscriptionRequest.pb()
ModifyPushConfigRequest: Any = types.ModifyPushConfigRequest.pb()
PullRequest: Any = types.PullRequest.pb()
PullResponse: Any = types.PullResponse.pb()
ReceivedMessage: Any = types.ReceivedMessage.pb()
AcknowledgeRequest: Any = types.AcknowledgeRequest.pb()
ModifyAckDeadlineRequest: Any = types.ModifyAckDeadlineRequest.pb()
StreamingPullRequest: Any = types.StreamingPullRequest.pb()
StreamingPullResponse: Any = types.StreamingPullResponse.pb()
SeekRequest: Any = types.SeekRequest.pb()
SeekResponse: Any = types.SeekResponse.pb()
