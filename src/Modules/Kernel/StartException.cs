namespace Notify.Kernel;

/// <summary>Notify cannot start; the message is meant for the operator and holds no secret. The process ends with it and nothing else.</summary>
public sealed class StartException : Exception
{
    public StartException() { }

    public StartException(string message) : base(message) { }

    public StartException(string message, Exception? innerException) : base(message, innerException) { }
}
