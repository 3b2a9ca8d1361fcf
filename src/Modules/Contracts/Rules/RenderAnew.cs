using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>Asks the Rules module to render these alarm changes with the current version of these messages. Nothing is decided.</summary>
[MessageIdentity("notify.rules.render-anew.v1")]
public sealed record RenderAnew(IReadOnlyList<RenderWanted> Wanted) : BusMessage;

/// <param name="AlarmVersion">The version of the alarm's stream with the change to render.</param>
/// <param name="ScheduleId">Its time zone is used if the message has none.</param>
public sealed record RenderWanted(string NotificationId, string AlarmId, long AlarmVersion, string MessageId, string ScheduleId);

/// <summary>Texts that still cannot be rendered are omitted.</summary>
[MessageIdentity("notify.rules.rendered-anew.v1")]
public sealed record RenderedAnew(IReadOnlyList<RenderedText> Texts) : BusMessage;

public sealed record RenderedText(string NotificationId, VersionedRef Message, RenderedMessage Content);
