using Notify.Contracts.Rules;

namespace Notify.Delivery.TestSends;

/// <summary>Somebody tries a service or a message; on disk before anything is sent. Stream <c>test-…</c>.</summary>
/// <param name="Message">Null when it is a text of its own.</param>
public sealed record TestRequested(VersionedRef Service, VersionedRef? Message, IReadOnlyList<Receiver> Receivers, RenderedMessage Content);

/// <summary>What the platform said of it.</summary>
public sealed record TestSent(VersionedRef Service, string Text, IReadOnlyList<TestedReceiver> Receivers);

/// <param name="Outcome"><c>delivered</c>, <c>failed</c>, <c>unknown</c> or <c>notSent</c>.</param>
public sealed record TestedReceiver(
    string Kind, string? Alias, string? Account, string Outcome, int? PlatformCode, string? PlatformList, string? PlatformMessage, string? RequestId);
