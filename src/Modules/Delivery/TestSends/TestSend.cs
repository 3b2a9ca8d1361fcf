using System.Text.Json.Serialization;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Delivery.TestSends;

/// <summary>Somebody requested a test of a service or a message; stored before anything is sent. Stream <c>test-…</c>.</summary>
/// <param name="Message">Null when the test has its own text.</param>
public sealed record TestRequested(VersionedRef Service, VersionedRef? Message, IReadOnlyList<Receiver> Receivers, RenderedMessage Content);

/// <summary>A test was sent: the platform's answers.</summary>
/// <param name="Channel">The channel to which the codes belong; null in older events.</param>
public sealed record TestSent(VersionedRef Service, string Text, IReadOnlyList<TestedReceiver> Receivers, string? Channel = null);

/// <param name="Outcome"><c>delivered</c>, <c>accepted</c>, <c>failed</c>, <c>unknown</c> or <c>notSent</c>.</param>
public sealed record TestedReceiver(
    string Kind, string? Alias, string? Account, string Outcome, [property: JsonConverter(typeof(NumberAsText))] string? PlatformCode,
    string? PlatformList, string? PlatformMessage, string? RequestId);
