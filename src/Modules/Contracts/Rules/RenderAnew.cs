using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>Asked of the Rules module: how do these changes of alarms read in these messages as they are now? Nothing is decided.</summary>
[MessageIdentity("notify.rules.render-anew.v1")]
public sealed record RenderAnew(IReadOnlyList<RenderWanted> Wanted) : BusMessage;

/// <param name="AlarmVersion">Of the alarm's stream, with the change that is to be told.</param>
/// <param name="ScheduleId">Its zone counts where the message has none of its own.</param>
public sealed record RenderWanted(string NotificationId, string AlarmId, long AlarmVersion, string MessageId, string ScheduleId);

/// <summary>What cannot be rendered, now either, is left out.</summary>
[MessageIdentity("notify.rules.rendered-anew.v1")]
public sealed record RenderedAnew(IReadOnlyList<RenderedText> Texts) : BusMessage;

public sealed record RenderedText(string NotificationId, VersionedRef Message, RenderedMessage Content);
