using Notify.Kernel.Resources;

namespace Notify.Rules.Messages;

public sealed record MessageCreated(string Name, string Description, MessageSettings Settings) : IResourceCreated<MessageSettings>;

public sealed record MessageChanged(string Name, string Description, MessageSettings Settings) : IResourceChanged<MessageSettings>;

public sealed record MessageEnabled : IResourceEnabled;

public sealed record MessageDisabled : IResourceDisabled;

public sealed record MessageDeleted : IResourceDeleted;

/// <summary>The text template of one channel type. Stream <c>message-…</c>.</summary>
public sealed class Message : Resource<MessageSettings>;

public sealed partial class MessageProjection : ResourceProjection<Message, MessageSettings>;
