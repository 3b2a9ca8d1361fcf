namespace Notify.Host.Operating;

/// <summary>Notify cannot start; the message is meant for the operator and holds no secret.</summary>
internal sealed class StartException(string message, Exception? innerException = null) : Exception(message, innerException);
